"""`neo up`: the whole city at one address, with demo data on the first run."""

import asyncio
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.topology import SERVICES
from deploy.demo.run import BEGINNING, DemoFailed, Plan, play
from deploy.demo.sign_ins import demo_sign_ins
from deploy.local.city import City, OtherRealm, running_city, take_port
from deploy.local.folder import Folder, hold
from deploy.local.servers import ServerTrouble
from deploy.show import Voice


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of `neo up`."""

    port: int
    folder: Path
    is_fresh: bool
    with_demo: bool
    only: tuple[str, ...]
    keycloak: str | None = None


async def up(wishes: Wishes, voice: Voice) -> int:
    """Run until Ctrl-C; returns the exit code. Raises ServerTrouble when it cannot begin."""
    with take_port(wishes.port) as bound, hold(wishes.folder, is_fresh=wishes.is_fresh) as folder:
        if folder.was_killed:
            voice.say("up.recovered")
        stop = _stop_on_signals()
        is_whole = set(wishes.only) == set(SERVICES)
        plays = prepare_demo(wishes, folder, voice)
        voice.say("up.starting", folder=str(folder.path))
        realm = other_realm(wishes.keycloak) if wishes.keycloak else None
        sign_ins = () if realm else demo_sign_ins()
        async with running_city(folder, bound, only=wishes.only, sign_ins=sign_ins, keycloak=realm) as city:
            voice.say("up.ready", url=city.url)
            loading = None
            if plays:
                loading = asyncio.create_task(_load_demo(city, folder, voice))
            elif not is_whole:
                voice.say("up.only", services=", ".join(wishes.only))
            if loading is None:
                _say_what_next(city, voice, has_demo=folder.has_demo)
            await stop.wait()
            voice.say("up.stopping")
            if loading is not None:
                loading.cancel()
                await asyncio.gather(loading, return_exceptions=True)
        folder.leave_demo()
        voice.say("up.stopped-half" if folder.can_go_on else "up.stopped")
    return 0


def prepare_demo(wishes: Wishes, folder: Folder, voice: Voice) -> bool:
    """Set the city's clock for a demo that is to begin or to go on, and say which; false where none is to be played."""
    # The demo's people live in the development issuer alone.
    if folder.has_demo or not wishes.with_demo or wishes.keycloak or set(wishes.only) != set(SERVICES):
        return False
    if folder.can_go_on:
        folder.go_on_with_demo()
        voice.say("up.demo-goes-on")
        return True
    if folder.has_half_a_demo:
        voice.say("up.demo-interrupted")
        return False
    folder.begin_demo(BEGINNING)
    return True


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for received in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(received, stop.set)
    return stop


async def _load_demo(city: City, folder: Folder, voice: Voice) -> None:
    if not folder.demo_journal.stat().st_size:
        voice.say("up.demo-loading")
    try:
        report = await play(city.url, Plan(journal=folder.demo_journal), voice)
    except DemoFailed as failed:
        voice.trouble("up.demo-failed", reason=str(failed))
        return
    folder.keep_demo(report)
    voice.say("up.demo-ready", url=city.url)
    _say_what_next(city, voice, has_demo=True)


def _say_what_next(city: City, voice: Voice, *, has_demo: bool) -> None:
    if has_demo:
        voice.say("up.sign-ins")
        for row in demo_sign_ins():
            voice.say("up.sign-in", username=row.username, role=row.who.in_language(voice.language))
    voice.say("up.next", url=city.url)


def other_realm(issuer: str) -> OtherRealm:
    """The realm at an address such as `https://sso.example/realms/neo`; raises ServerTrouble without its secrets.

    The clients are those of `deploy/keycloak/realm.json`; their secrets stand in the same variables as there.
    """
    names = {"portal": "PORTAL_CLIENT_SECRET", "registry": "REGISTRY_CLIENT_SECRET"}
    missing = [variable for variable in names.values() if not os.environ.get(variable)]
    if missing:
        raise ServerTrouble("up.keycloak-secrets", missing=", ".join(missing))
    return OtherRealm(issuer, {client: os.environ[variable] for client, variable in names.items()})


def services_named(names: str | None) -> Sequence[str]:
    """The services of `--only`, or all of them; raises ValueError for an unknown name."""
    if not names:
        return SERVICES
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in SERVICES]
    if unknown:
        raise ValueError(", ".join(unknown))
    return tuple(name for name in SERVICES if name in wanted)
