from sqlalchemy import text
from biobank.core.database import writing
from biobank.access import operations
from biobank.access.actors import SETTING_UP
from biobank.sites.operations import add_site
def test_smoke(app):
    with app.app_context(), writing() as work:
        add_site(work, by="setup", code="c1", name="Clinic 1", kind="clinic", zone="America/Chicago")
        operations.add_person(work, SETTING_UP, username="clinic.ana", printed_name="Ana Nurse", password="correct horse battery")
        operations.grant_role(work, SETTING_UP, username="clinic.ana", role="clinic_staff", site="c1")
    c = app.test_client()
    for p in ("/healthz","/readyz","/version","/metrics","/nowhere","/api/v1/nowhere","/sign-in"):
        r = c.get(p); print(p, r.status_code, r.data[:200])
    r = c.post("/sign-in", data={"name":"clinic.ana","password":"correct horse battery"}); print(r.status_code, r.headers)
    assert r.status_code == 303
    r = c.post("/sign-out"); print(r.status_code); assert r.status_code == 403
    assert 0
