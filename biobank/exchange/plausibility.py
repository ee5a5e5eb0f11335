"""What an order says of its tubes, and what in it is odd: facts are kept with a flag, never refused."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from biobank.core.moments import Told
from biobank.exchange.choices import Fate, FlagKind
from biobank.exchange.inputs import OrderedTube, OrderFlag, OrderSample
from biobank.kits.definitions import KitDefinition, newest_specification, same_tube

# (what comes first, what comes after it, the flag when it is told the other way round)
CHRONOLOGY = (
    ("collected", "processed", FlagKind.PROCESSED_BEFORE_COLLECTED),
    ("collected", "finalized", FlagKind.FINALIZED_BEFORE_COLLECTED),
    ("processed", "finalized", FlagKind.FINALIZED_BEFORE_PROCESSED),
)
OUT_OF_ORDER: Mapping[FlagKind, str] = {
    FlagKind.COLLECTED_BEFORE_CREATED: "Sample {test} was collected before the order was created.",
    FlagKind.PROCESSED_WITHOUT_COLLECTED: "Sample {test} was processed without being collected.",
    FlagKind.PROCESSED_BEFORE_COLLECTED: "Sample {test} was processed before it was collected.",
    FlagKind.FINALIZED_BEFORE_COLLECTED: "Sample {test} was finalized before it was collected.",
    FlagKind.FINALIZED_BEFORE_PROCESSED: "Sample {test} was finalized before it was processed.",
}
TO_COME: Mapping[str, str] = {
    "collected": "Sample {test} was collected in the future.",
    "processed": "Sample {test} was processed in the future.",
    "finalized": "Sample {test} was finalized in the future.",
}
STEPS = ("collected", "processed", "finalized")


def tubes_of(
    samples: tuple[OrderSample, ...],
    finalized: bool,
    definitions: Mapping[str, KitDefinition],
) -> tuple[OrderedTube, ...]:
    """The tubes that the samples mean: `1SS08`, `1SST8` and `2SST8` are one; `finalized` is the order's."""
    by_test = {sample.test: sample for sample in samples}
    return tuple(
        _tube(code, tuple(by_test[test] for test in tests), finalized)
        for code, tests in same_tube(definitions, by_test).items()
    )


def odd_samples(samples: tuple[OrderSample, ...], created: Told, latest: datetime) -> Iterator[OrderFlag]:
    """What is odd in a line by itself. `latest` is our clock plus the skew that is allowed."""
    if created.at > latest:
        yield OrderFlag(FlagKind.IN_THE_FUTURE, "$.created", "The order was created in the future.")
    for sample in samples:
        yield from _against_chronology(sample, created)
        yield from _in_the_future(sample, latest)


def odd_tubes(
    tubes: tuple[OrderedTube, ...],
    finalized: bool,
    definitions: Mapping[str, KitDefinition],
) -> Iterator[OrderFlag]:
    """What is odd in a tube: several lines for it, times that differ, a spin that it needs and lacks."""
    for tube in tubes:
        if len(tube.samples) > 1:
            yield _flag(tube, FlagKind.SAME_TUBE, f"{', '.join(tube.tests)} are one tube, {tube.code}.")
        for step in STEPS:
            if len(set(_moments(tube.samples, step))) > 1:
                yield _flag(
                    tube,
                    FlagKind.TIMES_DIFFER,
                    f"The lines of tube {tube.code} tell different times for {step}; the earliest is taken.",
                )
        specification = newest_specification(definitions, tube.code)
        spins = specification is not None and specification.centrifuge is not None
        if spins and tube.collected and not tube.processed and (finalized or tube.finalized):
            yield _flag(
                tube, FlagKind.SPIN_MISSING, f"Tube {tube.code} is finalized without a time of its spin."
            )


def _tube(code: str, samples: tuple[OrderSample, ...], finalized: bool) -> OrderedTube:
    earliest = {step: _earliest(samples, step) for step in STEPS}
    fate = Fate.NOT_COLLECTED if finalized or earliest["finalized"] else Fate.EXPECTED
    if earliest["collected"]:
        fate = Fate.COLLECTED
    spun = [sample.test for sample in samples if sample.test != code]
    return OrderedTube(code, samples, fate, spun_as=spun[0] if len(spun) == 1 else None, **earliest)


def _times(samples: Iterable[OrderSample], step: str) -> Iterator[Told]:
    return (told for sample in samples if (told := getattr(sample, step)))


def _moments(samples: Iterable[OrderSample], step: str) -> Iterator[datetime]:
    return (told.at for told in _times(samples, step))


def _earliest(samples: Iterable[OrderSample], step: str) -> Told | None:
    return min(_times(samples, step), key=lambda told: told.at, default=None)


def _against_chronology(sample: OrderSample, created: Told) -> Iterator[OrderFlag]:
    if sample.collected and sample.collected.at < created.at:
        yield _out_of_order(sample, FlagKind.COLLECTED_BEFORE_CREATED, "collected")
    if sample.processed and not sample.collected:
        yield _out_of_order(sample, FlagKind.PROCESSED_WITHOUT_COLLECTED, "processed")
    for first, then, kind in CHRONOLOGY:
        earlier, later = getattr(sample, first), getattr(sample, then)
        if earlier and later and later.at < earlier.at:
            yield _out_of_order(sample, kind, then)


def _out_of_order(sample: OrderSample, kind: FlagKind, step: str) -> OrderFlag:
    return _odd(sample, kind, step, OUT_OF_ORDER[kind])


def _in_the_future(sample: OrderSample, latest: datetime) -> Iterator[OrderFlag]:
    for step in STEPS:
        told = getattr(sample, step)
        if told and told.at > latest:
            yield _odd(sample, FlagKind.IN_THE_FUTURE, step, TO_COME[step])


def _odd(sample: OrderSample, kind: FlagKind, step: str, sentence: str) -> OrderFlag:
    return OrderFlag(kind, f"{sample.where}.{step}", sentence.format(test=sample.test), (sample.test,))


def _flag(tube: OrderedTube, kind: FlagKind, sentence: str) -> OrderFlag:
    return OrderFlag(kind, tube.samples[0].where, sentence, tube.tests)
