"""The report as a person reads it: where it was measured, rates with their spread, the ratios and what they reach."""

from collections.abc import Sequence

from babel.numbers import format_decimal

from bench.machine import Surroundings
from bench.samples import Ratio, Report, Sample
from deploy.show import Voice

UNKNOWN = "–"


def show(report: Report, voice: Voice) -> None:
    """Print everything."""
    _show_surroundings(report.surroundings, voice)
    voice.say("bench.title-samples")
    _show_rows(voice, [_sample_head(voice), *(_sample_row(sample, voice) for sample in report.samples)])
    voice.say("bench.title-ratios")
    _show_rows(voice, [_ratio_head(voice), *(_ratio_row(one, voice) for one in report.ratios)])
    if report.cpu_per_event:
        shares = ", ".join(f"{name} {_number(value, voice)}" for name, value in report.cpu_per_event.items())
        voice.say("bench.cpu", shares=shares, total=_number(sum(report.cpu_per_event.values()), voice))
    for name, found in report.profile.items():
        _show_profile(name, found, voice)
    voice.say("bench.end", seconds=round(report.seconds))


def _show_surroundings(known: Surroundings, voice: Voice) -> None:
    load, sync = _number(known.load_before, voice), _number(known.sync_ms, voice)
    voice.say("bench.where", python=known.python, cores=known.cores, load=load, sync=sync)
    if known.postgres:
        settings = ", ".join(f"{name} {value}" for name, value in known.postgres.items())
        voice.say("bench.servers", postgres=settings, nats=known.nats_sync)
    if known.is_busy:
        voice.say("bench.busy")


def _sample_head(voice: Voice) -> list[str]:
    return ["", *(voice.text(f"bench.head-{name}") for name in ("middle", "spread", "count", "cpu"))]


def _sample_row(sample: Sample, voice: Voice) -> list[str]:
    return [
        voice.text(f"bench.row-{sample.code}"),
        f"{_number(sample.middle, voice)} {_unit(sample.unit, voice)}",
        _spread(sample.values, voice),
        f"{len(sample.values)} × {sample.operations}" if sample.operations else str(len(sample.values)),
        UNKNOWN if sample.cpu is None else _number(sample.cpu, voice),
    ]


def _ratio_head(voice: Voice) -> list[str]:
    names = ("seen", "first", "goal", "ours", "spread", "count", "verdict")
    return ["", *(voice.text(f"bench.head-{name}") for name in names)]


def _ratio_row(one: Ratio, voice: Voice) -> list[str]:
    wanted, unit = one.wanted, "" if one.wanted.unit == "ratio" else f" {_unit(one.wanted.unit, voice)}"
    sign = "≤" if wanted.is_less_better else "≥"
    targets = [UNKNOWN if one is None else f"{sign} {_number(one, voice)}{unit}" for one in (wanted.first, wanted.goal)]
    return [
        voice.text(f"bench.row-{wanted.code}"),
        wanted.seen + (unit if wanted.seen != "-" else ""),
        *targets,
        _number(one.middle, voice) + unit,
        _spread(one.values, voice),
        str(len(one.values)),
        voice.text(f"bench.verdict-{one.verdict.value}"),
    ]


def _show_profile(name: str, found: dict[str, object], voice: Voice) -> None:
    layers, hottest = found["layers"], found["hottest"]
    assert isinstance(layers, dict)
    assert isinstance(hottest, list)
    voice.say("bench.title-profile", name=name)
    _show_rows(voice, [[voice.text(f"bench.layer-{layer}"), f"{share:.0%}"] for layer, share in layers.items()])
    voice.say("bench.title-hottest")
    _show_rows(voice, [[f"{path} {function}", f"{share:.1%}"] for path, function, share in hottest])


def _show_rows(voice: Voice, rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    for row in rows:
        first, *rest = (
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  " + "  ".join([first, *rest]), file=voice.to)


def _spread(values: Sequence[float], voice: Voice) -> str:
    return f"{_number(min(values), voice)}…{_number(max(values), voice)}"


def _number(value: float, voice: Voice) -> str:
    """Three digits are all that a noisy machine deserves."""
    if value in (float("inf"), float("-inf")):
        return "∞"
    pattern = "#,##0" if abs(value) >= 100 else "0.0" if abs(value) >= 10 else "0.00"
    return str(format_decimal(value, format=pattern, locale=voice.language))


def _unit(unit: str, voice: Voice) -> str:
    return voice.text(f"bench.unit-{unit}")
