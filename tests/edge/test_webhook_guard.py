"""Webhooks go to public addresses only, whatever a name said when the job was created."""

from __future__ import annotations

import pytest

from contract.status import JobStatus
from tests.edge.world import CONSUMER, World


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00:ec2::254"])
def test_a_webhook_whose_name_leads_to_a_private_address_is_not_sent(world: World, address: str) -> None:
    world.platform.outside.names["consumer.test"] = [address]
    attempt = world.attempt(pages=1, webhook_url=CONSUMER)
    attempt.deliver(1)
    assert attempt.finish().status == 200
    assert not world.deliveries
    view = world.view(attempt.job_id)
    assert (view.status, view.webhook.state, view.webhook.attempts) == (JobStatus.SUCCESS, "pending", 1)
    assert view.webhook.last_status == 0


def test_it_is_sent_once_the_name_leads_to_a_public_address_again(world: World) -> None:
    world.platform.outside.names["consumer.test"] = ["10.0.0.1"]
    attempt = world.attempt(pages=1, webhook_url=CONSUMER)
    attempt.deliver(1)
    attempt.finish()
    world.platform.outside.names.clear()
    world.sweep(60)
    assert len(world.deliveries) == 1


def test_private_webhooks_are_sent_where_that_is_configured() -> None:
    world = World(allow_private_webhooks=True)
    world.platform.outside.names["consumer.test"] = ["127.0.0.1"]
    attempt = world.attempt(pages=1, webhook_url=CONSUMER)
    attempt.deliver(1)
    attempt.finish()
    assert len(world.deliveries) == 1
    world.close()
