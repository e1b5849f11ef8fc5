"""Which webhook URLs are taken."""

from __future__ import annotations

import pytest

from edge.webhook_url import BadWebhookUrl, check_webhook_url


@pytest.mark.parametrize("url", ["https://app.example.com/h", "http://app.example.com:8080", "https://93.184.215.14/"])
def test_a_public_url_is_taken(url: str) -> None:
    check_webhook_url(url, allow_private=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://LOCALHOST./",
        "http://a.localhost/",
        "http://127.0.0.1/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "http://[fd00::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0.0.0.0/",
        "http://printer/",
        "http://nas.local/",
        "http://metadata.google.internal/",
        "http://100.64.0.1/",
    ],
)
def test_a_private_url_is_taken_only_where_that_is_configured(url: str) -> None:
    with pytest.raises(BadWebhookUrl):
        check_webhook_url(url, allow_private=False)
    check_webhook_url(url, allow_private=True)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x.test/",
        "x.test",
        "http://",
        "https://user@x.test/",
        "https://u:p@x.test/",
        "http://[::1",
        "http://x.test:99999/",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_plain_http_url_is_never_taken(url: str) -> None:
    with pytest.raises(BadWebhookUrl):
        check_webhook_url(url, allow_private=True)
