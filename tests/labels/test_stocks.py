"""Label stocks: the figures in the file are the ones that print, and a wrong one is named."""

import pytest

from labels import LabelError, load_stocks

SHEET = {
    "title": '"Two by two"',
    "page_width_mm": "100",
    "page_height_mm": "100",
    "columns": "2",
    "rows": "2",
    "label_width_mm": "40.5",
    "label_height_mm": "40",
    "left_mm": "0",
    "top_mm": "10",
    "pitch_x_mm": "45",
    "pitch_y_mm": "40",
}


def written(folder, **changes):
    table = {key: value for key, value in (SHEET | changes).items() if value is not None}
    path = folder / "stocks.toml"
    path.write_text("[stocks.a]\n" + "\n".join(f"{key} = {value}" for key, value in table.items()))
    return path


def test_the_stocks_that_come_with_the_product(stocks):
    assert {"avery-5160", "avery-5163", "roll-50x25", "roll-101x50", "roll-101x152"} <= set(stocks)
    assert stocks["avery-5160"].labels_a_page == 30
    roll = stocks["roll-50x25"]
    assert (roll.page_width_mm, roll.page_height_mm, roll.labels_a_page) == (50.8, 25.4, 1)


ROLLS = {
    "roll-101x50": (101.6, 50.8),
    "roll-101x152": (101.6, 152.4),
    "roll-50x25": (50.8, 25.4),
    "roll-25x50": (25.4, 50.8),
    "roll-44x12": (44.45, 12.7),
    "roll-32x12": (32.5, 12.7),
    "roll-25x12": (25.4, 12.7),
    "dot-9": (9.5, 9.5),
    "dot-12": (12.7, 12.7),
}


@pytest.mark.parametrize("name", ROLLS)
def test_rolls_are_one_label(stocks, name):
    roll = stocks[name]
    assert (roll.label_width_mm, roll.label_height_mm) == ROLLS[name]
    assert (roll.page_width_mm, roll.page_height_mm) == ROLLS[name]
    assert roll.labels_a_page == 1
    assert roll.round == name.startswith("dot")


@pytest.mark.parametrize(
    ("name", "labels"),
    [("avery-5160", 30), ("avery-5163", 10), ("avery-5167", 80), ("avery-l7651", 65), ("avery-l4731", 189)],
)
def test_averys_sheets_have_their_grid_in_the_middle_of_the_page(stocks, name, labels):
    stock = stocks[name]
    assert stock.labels_a_page == labels
    right = stock.left_mm + (stock.columns - 1) * stock.pitch_x_mm + stock.label_width_mm
    bottom = stock.top_mm + (stock.rows - 1) * stock.pitch_y_mm + stock.label_height_mm
    assert stock.page_width_mm - right == pytest.approx(stock.left_mm, abs=0.001)
    assert stock.page_height_mm - bottom == pytest.approx(stock.top_mm, abs=0.001)


def test_a_sheet_may_be_round(tmp_path):
    assert load_stocks(written(tmp_path, label_width_mm="40", round="true"))["a"].round
    assert not load_stocks(written(tmp_path, round="false"))["a"].round


def test_a_sheet_is_read_as_it_is_written(tmp_path):
    stock = load_stocks(written(tmp_path))["a"]
    assert (stock.name, stock.title, stock.columns, stock.label_width_mm, stock.left_mm) == (
        "a",
        "Two by two",
        2,
        40.5,
        0,
    )


def test_one_row_and_column_need_no_pitch_beyond_the_label(tmp_path):
    path = written(tmp_path, columns="1", rows="1", pitch_x_mm="1", pitch_y_mm="1")
    assert load_stocks(path)["a"].labels_a_page == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rows": None}, "missing or unknown keys: rows"),
        ({"colour": '"red"'}, "missing or unknown keys: colour"),
        ({"title": "5"}, "title = 5 cannot be right"),
        ({"columns": "1.5"}, "columns = 1.5 cannot be right"),
        ({"columns": "true"}, "columns = True cannot be right"),
        ({"rows": "0"}, "rows = 0 cannot be right"),
        ({"top_mm": "-1"}, "top_mm = -1 cannot be right"),
        ({"label_width_mm": "nan"}, "label_width_mm = nan cannot be right"),
        ({"label_width_mm": '"2in"'}, "label_width_mm = '2in' cannot be right"),
        ({"page_width_mm": "inf"}, "page_width_mm = inf cannot be right"),
        ({"pitch_x_mm": "40"}, "overlap"),
        ({"pitch_y_mm": "39"}, "overlap"),
        ({"round": "1"}, "round = 1 cannot be right"),
        ({"round": "true"}, "is round, but its labels are not as wide as they are high"),
        ({"left_mm": "15"}, "reach beyond the page"),
        ({"top_mm": "20.1"}, "reach beyond the page"),
    ],
)
def test_a_wrong_stock_is_named(tmp_path, changes, sentence):
    with pytest.raises(LabelError, match=f"Stock “a”.*{sentence}"):
        load_stocks(written(tmp_path, **changes))


def test_a_file_that_is_missing_or_no_toml_is_refused(tmp_path):
    with pytest.raises(LabelError, match="cannot be read"):
        load_stocks(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[stocks")
    with pytest.raises(LabelError, match="cannot be read"):
        load_stocks(tmp_path / "bad.toml")
