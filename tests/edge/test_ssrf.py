"""Which URLs of a client's the orchestrator goes to, in every spelling that somebody has tried."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.ssrf import BlockedAddress, BlockedUrl, check_addresses, check_url

PRIVATE = [
    # loopback, as browsers and curl read it
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.255.255.254/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7F.0.0.0x1/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://0177.1/",
    "http://017700000001/",
    "http://00000000177.0.0.1/",
    "http://127.0.0.1./",
    "http://0/",
    "http://0.0.0.0/",
    "http://0x/",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "http://127｡0.0.1/",
    "http://①②⑦.0.0.1/",
    "http://ｌｏｃａｌｈｏｓｔ/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://a.localhost/",
    "http://ⓛocalhost/",
    "http://loc\u00adalhost/",
    # private, shared, link-local, metadata
    "http://10.0.0.1/",
    "http://10.1/",
    "http://167772161/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://0300.0250.1/",
    "http://100.64.0.1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9.0xfe.0xa9.0xfe/",
    "http://0xA9FEA9FE/",
    "http://169.16689662/",
    "http://168.63.129.16/",
    "http://192.0.0.192/opc/v2/",
    "http://metadata.google.internal/",
    "http://metadata/",
    "http://instance-data.ec2.internal/",
    # multicast, reserved, documentation
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://0xffffffff/",
    "http://198.18.0.1/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    # IPv6 and what hides in it
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "http://[2606:4700::5efe:127.0.0.1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[100::1]/",
    "http://[5f00::1]/",
    # names that only a private network knows
    "http://printer/",
    "http://nas.local/",
    "http://router.lan/",
    "http://vault.intranet/",
    "http://x.home.arpa/",
    "http://abc.onion/",
]
NEVER = [
    "",
    "x.test",
    "//x.test/",
    "http://",
    "http:///path",
    "http:x.test",
    "ftp://x.test/",
    "file:///etc/passwd",
    "gopher://x.test/",
    "data:image/png;base64,AA==",
    "javascript:alert(1)",
    "http://user@x.test/",
    "http://u:p@x.test/",
    "http://x.test@127.0.0.1/",
    "http://@x.test/",
    "http://x.test\\@127.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "http://x.test/a b",
    "http://x.test/\r\nHost: y",
    "http://x.te\tst/",
    "http://x.test/\x00",
    " http://x.test/",
    "http://127.0.0.1%00.x.test/",
    "http://%31%32%37.0.0.1/",
    "http://x.test%2f@127.0.0.1/",
    "http://[::1",
    "http://::1/",
    "http://[::1]x.test/",
    "http://[x.test]/",
    "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[::ffff:127.0.0.1.1]/",
    "http://[v1.fe80::1]/",
    "http://x.test:99999/",
    "http://x.test:0/",
    "http://x.test:-80/",
    "http://x.test:８０/",
    "http://x.test:80:80/",
    "http://x.test:22/",
    "http://x.test:25/",
    "http://x.test:6379/",
    "http://x.test:11211/",
    "http://x..test/",
    "http://.x.test/",
    "http://x.test../",
    "http://-x.test/",
    "http://x.test-/",
    "http://256.0.0.1/",
    "http://1.2.3.4.5/",
    "http://0x100000000/",
    "http://4294967296/",
    "http://08.0.0.1/",
    "http://1.2.3.0x1g/",
    "http://a.b.1/",
    "http://1.2..3/",
    "http://" + "9" * 5000 + "/",
    "http://" + "a" * 64 + ".test/",
    "http://" + "a." * 130 + "test/",
    "http://x.test/" + "a" * 2000,
    "http://\ud800.test/",
    "http://x\uff0ftest/",
    "http://\uff20x.test/",
]


@pytest.mark.parametrize("url", PRIVATE)
def test_a_host_that_is_not_public_is_refused_unless_that_is_allowed(url: str) -> None:
    with pytest.raises(BlockedUrl):
        check_url(url, allow_private=False)
    check_url(url, allow_private=True)


@pytest.mark.parametrize("url", NEVER)
def test_what_is_no_plain_http_url_is_refused_always(url: str) -> None:
    for allow_private in (False, True):
        with pytest.raises(BlockedUrl):
            check_url(url, allow_private=allow_private)


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        ("http://x.test", "http://x.test/"),
        ("HTTPS://X.Test:443/A", "https://x.test/A"),
        ("http://x.test.:8080/a?b=%2F#c", "http://x.test:8080/a?b=%2F"),
        ("https://漫画.test/頁/一.png?名=値", "https://xn--qex62k.test/%E9%A0%81/%E4%B8%80.png?%E5%90%8D=%E5%80%A4"),
        ("http://0x5d.0270.0327.016/", "http://93.184.215.14/"),
        ("http://[2606:4700:0:0::1]:8443/", "http://[2606:4700::1]:8443/"),
        ("http://[64:ff9b::93.184.215.14]/", "http://[64:ff9b::5db8:d70e]/"),
        ("http://[::ffff:93.184.215.14]/", "http://[::ffff:93.184.215.14]/"),
        ("http://a_b.x.test/", "http://a_b.x.test/"),
        ("http://192.31.196.1/", "http://192.31.196.1/"),
    ],
)
def test_a_public_url_is_fetched_in_one_spelling(url: str, fetched: str) -> None:
    target = check_url(url, allow_private=False)
    # Python 3.13 writes the IPv4 address in an IPv6 one as such, 3.11 in hexadecimal.
    assert target.url in {fetched, fetched.replace("93.184.215.14", "5db8:d70e")}
    assert check_url(target.url, allow_private=False) == target


def test_the_message_holds_nothing_of_the_url() -> None:
    with pytest.raises(BlockedUrl) as error:
        check_url("http://user:hunter2@x.test/?token=s3cret", allow_private=False)
    assert "hunter2" not in str(error.value)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    "addresses",
    [(), ("127.0.0.1",), ("93.184.215.14", "10.0.0.1"), ("::1",), ("fe80::1%eth0",), ("2606:4700::1", "fd00::1")],
)
def test_a_name_is_not_trusted_if_one_of_its_addresses_is_not_public(addresses: tuple[str, ...]) -> None:
    with pytest.raises(BlockedAddress):
        check_addresses(addresses)


def test_public_addresses_are_given_back_in_their_order() -> None:
    assert check_addresses(["2606:4700::1", "93.184.215.14"]) == ("2606:4700::1", "93.184.215.14")


def _spellings(address: ipaddress.IPv4Address) -> list[str]:
    """How one IPv4 address can be written."""
    number, octets = int(address), address.packed
    return [
        str(address),
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(hex(octet) for octet in octets),
        ".".join(f"0{octet:o}" for octet in octets),
        f"{octets[0]}.{number & 0xFFFFFF}",
        f"{octets[0]}.{octets[1]}.{number & 0xFFFF}",
        f"{address}.",
    ]


@given(st.ip_addresses(v=4))
def test_every_spelling_of_an_address_is_judged_alike(address: ipaddress.IPv4Address) -> None:
    verdicts = set()
    for host in [*_spellings(address), f"[::ffff:{address}]", f"[64:ff9b::{address}]"]:
        try:
            check_url(f"http://{host}/", allow_private=False)
            verdicts.add(True)
        except BlockedUrl:
            verdicts.add(False)
    assert len(verdicts) == 1
    if not address.is_global or address.is_multicast:
        assert verdicts == {False}


@given(st.ip_addresses(v=6))
def test_an_ipv6_address_that_python_calls_private_is_refused(address: ipaddress.IPv6Address) -> None:
    if address.is_private or address.is_link_local or address.is_multicast or address.is_loopback:
        with pytest.raises(BlockedUrl):
            check_url(f"http://[{address}]/", allow_private=False)


@given(
    st.text(max_size=60), st.sampled_from(["", "http://", "https://", "http://[", "http://127.0.0.1", "http://x.test:"])
)
def test_any_text_is_refused_or_becomes_a_stable_ascii_url_of_a_public_host(text: str, start: str) -> None:
    try:
        target = check_url(start + text, allow_private=False)
    except BlockedUrl:
        return
    assert target.url.isascii()
    assert target.url.partition("://")[2].split("/")[0].split(":")[0] not in ("127.0.0.1", "localhost")
    assert check_url(target.url, allow_private=False) == target
