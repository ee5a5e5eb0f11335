"""The same request twice is one deed with one answer."""

from concurrent.futures import ThreadPoolExecutor

import pytest


def send(client, bearer, code="new", key="k-1", path="/api/v1/sites"):
    return client.post(path, json={"code": code}, headers={**bearer, "Idempotency-Key": key})


def test_the_second_gets_the_answer_of_the_first(client, bearer, sites):
    headers = bearer()
    first, second = send(client, headers), send(client, headers)
    assert (first.status_code, first.data) == (second.status_code, second.data) == (201, first.data)
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.content_type == first.content_type


def test_the_same_key_with_another_body_is_refused(client, bearer, sites):
    headers = bearer()
    send(client, headers)
    answer = send(client, headers, code="other")
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json["detail"]
    assert sites() == {"new"}


def test_the_same_key_at_another_address_is_refused(client, bearer):
    headers = bearer()
    send(client, headers)
    assert send(client, headers, path="/api/v1/refused").status_code == 422


def test_a_refusal_is_not_remembered(client, bearer, sites):
    headers = bearer()
    assert send(client, headers, code="not a code").status_code == 422
    assert send(client, headers, code="new").status_code == 201


def test_keys_belong_to_their_person(client, bearer, sites, app):
    from biobank.access import operations
    from biobank.access.actors import SETTING_UP
    from biobank.core.database import writing

    with app.app_context(), writing() as work:
        operations.grant_role(work, SETTING_UP, username="audit.eve", role="clinic_staff", site="clinic-1")
    assert send(client, bearer()).status_code == 201
    assert send(client, bearer("audit.eve"), code="other").status_code == 201


def test_without_a_key_each_request_stands_for_itself(client, bearer):
    headers = bearer()
    codes = [
        client.post("/api/v1/sites", json={"code": "new"}, headers=headers).status_code for _ in range(2)
    ]
    assert codes == [201, 409]


@pytest.mark.parametrize("key", ["x" * 201, "a\tb"])
def test_a_key_that_is_none_is_refused(client, bearer, sites, key):
    assert send(client, bearer(), key=key).status_code == 422
    assert sites() == set()


def test_of_many_at_once_one_is_done_and_all_get_its_answer(app, bearer, sites):
    headers = bearer()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(app.test_client(), headers), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert sites() == {"new"}
