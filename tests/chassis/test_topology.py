"""The topology command: it shows the difference, applies it, and then finds none."""

from dataclasses import replace

import pytest
from nats.js.api import ConsumerConfig

from contracts.topology import HEARS, STREAM, Topology, durable_of
from deploy.local.infrastructure import apply_topology
from deploy.topology import Change, apply, difference
from tests.stand import Stand

A_CONSUMER = "tracking-pairing-formed"


@pytest.fixture
def topology(hasty: Stand) -> Topology:
    return Topology(timing=hasty.infrastructure.timing)


async def test_applied_topology_leaves_no_difference(hasty: Stand, topology: Topology) -> None:
    await apply_topology(hasty.infrastructure.nats, topology)

    assert await difference(hasty.client, topology) == []


async def test_broker_holds_one_consumer_for_each_thing_heard(hasty: Stand, topology: Topology) -> None:
    found = {info.name for info in await hasty.js.consumers_info(STREAM)}

    assert found == {durable_of(service, event) for service, events in HEARS.items() for event in events}


async def test_changed_consumer_is_shown_and_mended(hasty: Stand, topology: Topology) -> None:
    known = (await hasty.js.consumer_info(STREAM, A_CONSUMER)).config
    await hasty.js.add_consumer(STREAM, replace(known, max_deliver=9))

    shown = await difference(hasty.client, topology)
    await apply(hasty.client, topology, shown)

    assert shown == [Change("consumer", A_CONSUMER, "max_deliver: 9 → 1000")]
    assert await difference(hasty.client, topology) == []
    assert (await hasty.js.consumer_info(STREAM, A_CONSUMER)).config.max_deliver == 1000


async def test_changed_durations_are_shown_and_mended(hasty: Stand, topology: Topology) -> None:
    slower = replace(topology, timing=replace(topology.timing, duplicate_window=2.0, ack_wait=7.0))

    shown = await difference(hasty.client, slower)
    await apply(hasty.client, slower, shown)
    after = await difference(hasty.client, slower)
    await apply_topology(hasty.infrastructure.nats, topology)

    assert {change.name for change in shown if change.kind == "stream"} == {"NEO", "DEAD", "GAVE_UP"}
    assert sum(change.kind == "consumer" for change in shown) == sum(map(len, HEARS.values()))
    assert after == []


async def test_consumer_of_nobody_is_named_and_left_alone(hasty: Stand, topology: Topology) -> None:
    await hasty.js.add_consumer(STREAM, ConsumerConfig(durable_name="somebody-elses"))

    shown = await difference(hasty.client, topology)
    await apply(hasty.client, topology, shown)
    still_there = await hasty.js.consumer_info(STREAM, "somebody-elses")
    await hasty.js.delete_consumer(STREAM, "somebody-elses")

    assert shown == [Change("consumer", "somebody-elses", "unknown here, left alone")]
    assert still_there.name == "somebody-elses"


async def test_facts_cannot_be_deleted_from_their_stream(hasty: Stand) -> None:
    config = (await hasty.js.stream_info(STREAM)).config

    assert (config.deny_delete, config.deny_purge) == (True, True)
