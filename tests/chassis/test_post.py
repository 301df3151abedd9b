"""Letters in flight together: every ack counts, and one refusal is heard."""

import asyncio
from uuid import uuid4

import pytest
from nats.js.errors import APIError, NoStreamResponseError

from chassis.post import Letter, Post
from contracts.topology import STREAM
from tests.stand import Stand

SUBJECT = "neo.documents.consent.given.v1"


def letters(count: int, subject: str = SUBJECT, body: bytes = b"{}") -> list[Letter]:
    return [Letter(subject, body, {"Nats-Msg-Id": str(uuid4())}) for _ in range(count)]


async def kept(stand: Stand) -> int:
    return int((await stand.js.stream_info(STREAM)).state.last_seq)


async def test_every_letter_is_in_the_stream_when_sending_ends(stand: Stand) -> None:
    before = await kept(stand)

    await Post(stand.client, STREAM).send(letters(300))

    assert await kept(stand) == before + 300


async def test_repeat_is_acked_and_kept_once(stand: Stand) -> None:
    post, sent = Post(stand.client, STREAM), letters(5)
    await post.send(sent)
    before = await kept(stand)

    await post.send(sent)

    assert await kept(stand) == before


async def test_subject_that_nobody_keeps_is_refused(stand: Stand) -> None:
    with pytest.raises(NoStreamResponseError):
        await Post(stand.client, STREAM).send([*letters(3), *letters(1, "nobody.keeps.this")])


async def test_letter_for_another_stream_is_refused(stand: Stand) -> None:
    with pytest.raises(APIError, match="expected stream does not match"):
        await Post(stand.client, STREAM).send(letters(1, "dead.documents.x"))


async def test_acks_of_a_bundle_that_was_given_up_do_not_count_for_the_next(stand: Stand) -> None:
    post = Post(stand.client, STREAM)
    await post.send(letters(1))
    given_up = asyncio.create_task(post.send(letters(50)))
    await asyncio.sleep(0)
    given_up.cancel()
    before = await kept(stand)

    await post.send(letters(20))

    assert await kept(stand) >= before + 20
