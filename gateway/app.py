"""Composition root of the gateway."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from chassis.clock import Clock, LocalClock, RealClock
from chassis.identity import TokenVerifier, Verifier, realm_keys
from chassis.problems import RESPONSES, install_problems
from chassis.telemetry import Requests
from chassis.texts import Texts
from gateway.catalogue import Catalogue
from gateway.dev_clock import clock_router
from gateway.door import DoorRoute
from gateway.farewell import Farewell
from gateway.health import health_router
from gateway.live import live_router
from gateway.portal.api_page import VERSION, api_router, head_of
from gateway.portal.assets import Assets, assets_router
from gateway.portal.pages import Pages
from gateway.portal.slips import slips_router
from gateway.portal.start import DemoSignIn, StartPage, start_router
from gateway.portal.trouble import install_trouble_pages
from gateway.portal.welcome import welcome_router
from gateway.protection import BodyLimit, CarefulHeaders
from gateway.proxy import Proxy
from gateway.pulse import Pulse
from gateway.settings import GatewaySettings, addresses_from_env


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
    lifespan = _lifespan(upstreams, pulse, farewell)
    app = FastAPI(title="Gateway", version=VERSION, lifespan=lifespan, responses=RESPONSES, openapi_url=None)
    app.state.settings = settings
    app.state.farewell = farewell
    app.state.texts = Texts.load("chassis", "gateway")
    app.state.verifier = verifier or _verifier(settings)
    install_problems(app)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, largest=settings.largest_body)
    app.add_middleware(CarefulHeaders)
    app.add_middleware(Requests, registry=registry)
    _open_portal(app, upstreams, StartPage(settings, pulse, upstreams.get("reporting"), tuple(sign_ins)))
    app.include_router(live_router(pulse, farewell))
    app.include_router(health_router(upstreams, registry))
    if settings.is_local and isinstance(now, LocalClock):
        app.include_router(clock_router(now))
    app.router.routes.append(DoorRoute(upstreams))
    return app


def _open_portal(app: FastAPI, upstreams: Mapping[str, ASGIApp], start: StartPage) -> None:
    """The pages, with what they are made of."""
    assets = Assets.load()
    pages = Pages(assets, is_local=start.settings.is_local)
    install_trouble_pages(app, pages)
    app.include_router(start_router(pages, start))
    app.include_router(welcome_router(pages, upstreams.get("registry")))
    app.include_router(slips_router(pages, upstreams.get("registry")))
    app.include_router(api_router(pages, Catalogue(app, upstreams, head=head_of(pages.texts, tuple(upstreams)))))
    app.include_router(assets_router(assets))


def from_env() -> FastAPI:
    """The gateway as its own process, with a proxy to each service."""
    addresses = addresses_from_env()
    upstreams = {name: Proxy(name, address) for name, address in addresses.items()}
    return build(GatewaySettings.from_env(), upstreams=upstreams)


def _verifier(settings: GatewaySettings) -> TokenVerifier:
    keys = realm_keys(settings.issuer_inside or settings.issuer)
    return TokenVerifier(issuer=settings.issuer, audience=settings.audience, fetch_keys=keys)


def _lifespan(
    upstreams: Mapping[str, ASGIApp], pulse: Pulse, farewell: Farewell
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        pulse.start()
        try:
            with farewell.at_signals():
                yield
        finally:
            farewell.say()
            await pulse.stop()
            for upstream in upstreams.values():
                if isinstance(upstream, Proxy):
                    await upstream.close()

    return live
