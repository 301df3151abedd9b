"""Composition root of the gateway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from chassis.clock import Clock, LocalClock, RealClock
from chassis.database import Database
from chassis.description import describe
from chassis.doors import together
from chassis.identity import TokenVerifier, Verifier
from chassis.memory import settle
from chassis.problems import install_problems
from chassis.surprises import Surprises
from chassis.telemetry import Requests, log_as_json
from chassis.texts import Texts
from gateway.catalogue import Catalogue
from gateway.dev_clock import clock_router
from gateway.door import DoorRoute
from gateway.farewell import Farewell
from gateway.health import health_router
from gateway.issuer import Issuer
from gateway.life import Living, living
from gateway.live import live_router
from gateway.origins import Origins
from gateway.portal.api_page import VERSION, api_router, head_of
from gateway.portal.assets import Assets, assets_router
from gateway.portal.errors_page import errors_router
from gateway.portal.home import home_router
from gateway.portal.language import language_router
from gateway.portal.me import me_router
from gateway.portal.pages import Pages
from gateway.portal.reader import Portal, routers
from gateway.portal.search import search_router
from gateway.portal.slips import slips_router
from gateway.portal.start import DemoSignIn, StartPage, start_router
from gateway.portal.styleguide import styleguide_router
from gateway.portal.trouble import install_trouble_pages
from gateway.portal.welcome import welcome_router
from gateway.porter import Guests, Porter
from gateway.protection import BodyLimit, CarefulHeaders, TimeLimit
from gateway.proxy import Proxy
from gateway.pulse import Pulse
from gateway.sessions import Sessions
from gateway.settings import GatewaySettings, addresses_from_env
from gateway.sign_in import Entrance, sign_in_router, sign_out_router


@dataclass(frozen=True, slots=True)
class Reception:
    """What lets callers in: the issuer whose word counts, the guests at the door, the sessions of browsers."""

    issuer: Issuer
    guests: Guests
    sessions: Sessions | None


def build(
    settings: GatewaySettings,
    *,
    upstreams: Mapping[str, ASGIApp],
    clock: Clock | None = None,
    verifier: Verifier | None = None,
    sign_ins: Sequence[DemoSignIn] = (),
) -> FastAPI:
    """Put the gateway together over its upstreams by name; their lifespans are their owner's to enter.

    `sign_ins` are shown on the start page in local mode; there `clock`, when it is a LocalClock, can be moved.
    """
    now = clock or RealClock()
    pulse, farewell, registry = Pulse(settings, now), Farewell(), CollectorRegistry()
    reception = _reception(settings, verifier)
    life = living(Living(settings, reception.guests, reception.issuer, pulse, farewell, upstreams, registry))
    app = FastAPI(title="Gateway", version=VERSION, lifespan=life, openapi_url=None)
    app.state.settings = settings
    app.state.clock = now
    app.state.farewell = farewell
    app.state.texts = Texts.load("chassis", "gateway")
    app.state.verifier = reception.guests.verifier
    app.state.guests = reception.guests
    install_problems(app)
    describe(app, "chassis", "gateway")
    _protect(app, settings, reception.guests, registry)
    _open_portal(app, upstreams, StartPage(settings, pulse, upstreams.get("reporting"), tuple(sign_ins)), reception)
    rooms = [live_router(pulse, farewell), health_router(upstreams, registry, reception.sessions)]
    if settings.is_local and isinstance(now, LocalClock):
        rooms.append(clock_router(now))
    app.router.routes.extend([*together(*rooms).routes, DoorRoute(upstreams)])
    return app


def _protect(app: FastAPI, settings: GatewaySettings, guests: Guests, registry: CollectorRegistry) -> None:
    """What stands around every answer; the last one added is the outermost."""
    app.add_middleware(Porter, guests=guests)
    app.add_middleware(BodyLimit, largest=settings.largest_body)
    app.add_middleware(TimeLimit, seconds=settings.limits.answer_seconds)
    # Outside of what breaks a body off: what comes of that is no surprise.
    app.add_middleware(Surprises)
    if settings.origins:
        app.add_middleware(Origins, allowed=settings.origins)
    app.add_middleware(CarefulHeaders, is_encrypted=settings.is_encrypted)
    app.add_middleware(Requests, registry=registry)


def _open_portal(app: FastAPI, upstreams: Mapping[str, ASGIApp], start: StartPage, reception: Reception) -> None:
    """The pages, with what they are made of."""
    assets = Assets.load()
    pages = Pages(assets, start.settings)
    install_trouble_pages(app, pages)
    portal = Portal(pages, upstreams)
    app.state.portal = portal
    rooms = [
        start_router(pages, start),
        home_router(portal),
        search_router(portal),
        language_router(reception.guests.cookies),
        styleguide_router(pages),
        *routers(portal),
        welcome_router(pages, upstreams.get("registry")),
        slips_router(pages, upstreams.get("registry")),
    ]
    catalogue = app.state.catalogue = Catalogue(app, upstreams, head=head_of(pages.texts, tuple(upstreams)))
    rooms += [api_router(pages, catalogue), errors_router(pages, catalogue), assets_router(assets)]
    if reception.sessions is not None:
        entrance = Entrance(reception.guests, reception.sessions, reception.issuer)
        rooms += [sign_in_router(entrance), sign_out_router(entrance), me_router(portal, reception.sessions)]
    app.router.routes.extend(together(*rooms).routes)


def from_env() -> FastAPI:
    """The gateway as its own process, with a proxy to each service."""
    log_as_json()
    addresses = addresses_from_env()
    upstreams = {name: Proxy(name, address) for name, address in addresses.items()}
    app = build(GatewaySettings.from_env(), upstreams=upstreams)
    settle()
    return app


def _reception(settings: GatewaySettings, verifier: Verifier | None) -> Reception:
    issuer = Issuer(settings)
    trusted = verifier or TokenVerifier(
        issuer=settings.issuer, audience=settings.audience, fetch_keys=issuer.fetch_keys
    )
    if not settings.can_sign_in or settings.database_url is None:
        return Reception(issuer, Guests(settings, trusted), None)
    # Sessions live in real time, as tokens do, whatever the schools' clock says.
    sessions = Sessions(Database.open(settings.database_url, RealClock()), issuer)
    return Reception(issuer, Guests(settings, trusted, sessions), sessions)
