"""The journeys by name: each is told in any language, for tests and for pictures."""

from collections.abc import Callable

from tests.browser import (
    bench_story,
    case_story,
    collect_story,
    compliance_story,
    dock_story,
    figures_story,
    identity_story,
    inventory_story,
    offline_story,
    outage_story,
    outside_story,
    pack_story,
    paper_story,
    picking_story,
    spin_story,
    stations_story,
    stock_story,
    storage_story,
    study_story,
    supply_story,
    temperature_story,
    visit_story,
    whole_visit,
)
from tests.browser.kit_story import Story


def without_network(story: Story) -> None:
    told = collect_story.CollectStory(story)
    collect_story.set_up(told)
    clinic = story.seat("demo.clinic")
    offline_story.story(clinic.page, clinic.address, *told.kits["whole"], clinic.look)


CLINIC: dict[str, Callable[[Story], object]] = {
    "visit": lambda story: visit_story.tell(visit_story.VisitStory(story)),
    "whole visit": lambda story: whole_visit.tell(visit_story.VisitStory(story)),
    "identity": lambda story: identity_story.tell(identity_story.IdentityStory(story)),
    "chair": lambda story: collect_story.tell(collect_story.CollectStory(story)),
    "centrifuge": lambda story: spin_story.tell(spin_story.SpinStory(story)),
    "parcel": lambda story: pack_story.tell(pack_story.PackStory(story)),
    "without network": without_network,
    "paper": lambda story: paper_story.tell(paper_story.PaperStory(story)),
    "stock": lambda story: stock_story.tell(stock_story.StockStory(story)),
    "shared bench": lambda story: stations_story.story(stations_story.bench(story)),
    "interrupted": lambda story: stations_story.doubled_and_interrupted(stations_story.bench(story)),
}
COMPLIANCE: dict[str, Callable[[Story], object]] = {
    "outside": lambda story: outside_story.tell(outside_story.OutsideStory(story)),
    "studies": lambda story: study_story.tell(study_story.StudyStory(story)),
    **compliance_story.STORIES,
}
FLOOR: dict[str, Callable[[Story], object]] = {
    "dock": lambda story: dock_story.tell(dock_story.DockStory(story)),
    "temperature loggers": lambda story: temperature_story.tell(temperature_story.TemperatureStory(story)),
    "cases": lambda story: case_story.tell(case_story.CaseStory(story)),
    "bench": lambda story: bench_story.tell(bench_story.BenchStory(story)),
    "storing": lambda story: storage_story.tell(storage_story.StorageStory(story)),
    "inventory": lambda story: inventory_story.tell(inventory_story.InventoryStory(story)),
    "failed freezer": lambda story: outage_story.tell(outage_story.OutageStory(story)),
    "picking": lambda story: picking_story.tell(picking_story.PickingStory(story)),
    "mailed kits": lambda story: supply_story.tell(supply_story.SupplyStory(story)),
    "figures": lambda story: figures_story.tell(figures_story.FiguresStory(story)),
}
JOURNEYS = CLINIC | COMPLIANCE | FLOOR
