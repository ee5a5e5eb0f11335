"""Pages about places with invented contents: the storing station, room, mergers, forms."""


def storage_pages(unit, grid, step, item, after, link):
    """`unit`, `grid`, `step` and `item` as the other previews have them."""
    fill = {"held": 61, "capacity": 81, "word": "some room"}
    path = unit["place"]
    hold = {"reason": "temperature", "sentence": "Freezer 12 was above −60 °C from 02:10 to 04:35."}
    shown = unit | {
        "is_from_around": True, "rule": "The box with the fewest free positions.", "contents": ["Plasma"],
        "kinds": ["aliquot"], "fill": None, "url": "#",
    }  # fmt: skip
    card = {
        "printed": "R 2000 1199 80-31",
        "url": "#",
        "name": "Rack 3",
        "kind": "rack",
        "position": "1-2",
        "held": 9,
        "capacity": 12,
        "fill": fill,
    }
    freezer = shown | {"name": "Freezer 12", "kind": "freezer", "capacity": None, "fill": fill}
    kept = {
        "number": 7,
        "positions": ["A1", "A2"],
        "purpose": "a study",
        "reference": "R-17",
        "person": "bio.lea",
        "until": after(200),
    }
    page = {
        "print_link": link, "voided": None, "unit": shown, "holds": [], "outage": None, "steps": [], "actions": [],
        "kept": [], "may_keep": False, "inside": [], "shelves": [], "loose": [], "grid": None,
    }  # fmt: skip
    lit = grid | {"lit": "B4", "named": True}
    goes = {
        "identifier": "B441022910735",
        "printed": unit["printed"],
        "name": unit["name"],
        "position": "B4",
        "place": path,
        "temperature": "−80 °C",
        "grid": lit,
    }
    store = {
        "item": None,
        "holds": [],
        "spin_url": None,
        "proposal": None,
        "last": None,
        "ask_back": None,
        "waiting": {"items": [], "more": False},
    }
    in_hand = item | {"identifier": "T483134562451", "kind": "tube", "is_place": False, "place": path}
    waiting = {
        "items": [{"printed": "T 4831 3456 24-51", "url": "#", "label": "1ED04", "since": after(2)}],
        "more": True,
    }
    box = {
        "identifier": "B441022910735",
        "printed": unit["printed"],
        "name": unit["name"],
        "url": "#",
        "place": path,
        "held": 12,
        "capacity": 81,
    }
    move = {"printed": "T 4831 3456 24-51", "url": "#", "label": "1ED04", "taken_from": "A1", "goes_to": "C3"}
    merge = {
        "here": "/storage/units/B1/into/B2",
        "source": box | {"name": "Box 4"},
        "target": box,
        "moves": [move],
        "grid": grid,
        "void_url": None,
        "rack_url": "#",
        "ask_back": None,
    }
    choices = [{"value": "one", "label": "One", "note": None}, {"value": "two", "label": "Two", "note": None}]
    fit = {
        "url": "#", "back_url": "#", "unit": None, "inside": None, "sites": choices, "kinds": choices, "grids": choices,
        "namings": choices, "orders": choices, "rules": choices, "allowed_kinds": choices, "ask_back": None,
    }  # fmt: skip
    return {
        "box": ("storage/unit.html", page | {"holds": [hold], "steps": [step], "actions": [{"label": "Read a rack scanner's file", "url": "#"}], "kept": [kept], "may_keep": True, "grid": grid, "outage": {"name": "Freezer 2", "url": "#"}}),
        "freezer": ("storage/unit.html", page | {"unit": freezer, "shelves": [{"name": "Shelf 1", "url": "#", "racks": [card, card | {"fill": None}]}], "inside": [card | {"name": "Rack 9", "fill": None}], "loose": [item | {"state": {"word": "Received", "tone": "right"}}]}),
        "storage": ("storage/storage.html", {"units": [card], "may_store": True, "may_build": True}),
        "storage_empty": ("storage/storage.html", {"units": []}),
        "store_empty": ("storage/store.html", store),
        "store": ("storage/store.html", store | {"waiting": waiting, "last": {"name": "Box 1", "url": "#", "undo_url": "#", "grid": grid}}),
        "store_lit": ("storage/store.html", store | {"item": in_hand, "proposal": goes, "holds": [hold]}),
        "store_nowhere": ("storage/store.html", store | {"item": in_hand, "errors": {"text": "No place is proposed; scan the one it goes into."}}),
        "store_to_spin": ("storage/store.html", store | {"item": in_hand, "spin_url": "#"}),
        "store_place": ("storage/store.html", store | {"item": in_hand | {"is_place": True}}),
        "store_asked": ("storage/store.html", store | {"item": in_hand, "proposal": goes, "ask_back": {"url": "#", "told": {"text": "A1"}, "reason_code": "position_taken"}}),
        "room": ("storage/room.html", {"found": None, "kinds": choices, "form": {"kind": "one"}}),
        "room_found": ("storage/room.html", {"found": [{"free": 96, "temperature": "−80 °C", "boxes": [box | {"free": 60}, box | {"free": 36}]}, {"free": 1, "temperature": None, "boxes": [box | {"free": 1}]}], "kinds": choices, "form": {"count": "96", "kind": "one"}}),
        "room_none": ("storage/room.html", {"found": [], "kinds": choices, "form": {"count": "x"}, "errors": {"count": "Type a whole number from 1 to 100000."}}),
        "keep": ("storage/keep.html", {"unit": box, "has_positions": True, "form": {"days": "0"}, "errors": {"days": "Type a whole number from 1 to 366."}}),
        "mergers": ("storage/mergers.html", {"inside": box, "mergers": [{"source": box, "target": box, "count": 12, "url": "#"}]}),
        "mergers_none": ("storage/mergers.html", {"inside": None, "mergers": []}),
        "merge": ("storage/merge.html", merge),
        "merge_asked": ("storage/merge.html", merge | {"ask_back": {"url": "#", "told": {"text": "T483134562451"}, "reason_code": "kept_free"}}),
        "merged": ("storage/merge.html", merge | {"moves": [], "void_url": "#"}),
        "add_place": ("storage/fit.html", fit | {"errors": {"rows": "A grid has 1 to 26 rows and 1 to 99 columns; without, both are 0."}}),
        "refit": ("storage/fit.html", fit | {"unit": box, "form": {"name": "Box 07-35", "grid": "own"}}),
        "refit_asked": ("storage/fit.html", fit | {"unit": box, "ask_back": {"url": "#", "told": {"name": "Box 8"}, "reason_code": "positions_in_use"}}),
    }  # fmt: skip
