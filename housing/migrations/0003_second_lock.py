"""Row-level security on who goes where; what an allocator reaches of a client, and when."""

from django.db import migrations

from accounts.rowsecurity import (
    MATCHER,
    REPORTING,
    append_only,
    protect,
    protect_history,
    readable_by,
)

IN_REGION = "region_id = (SELECT weerthuis_region())"
ROLE = "(SELECT weerthuis_role())"
OVERSIGHT = f"{ROLE} IN ('coordinator', 'job:match', 'job:figures', 'job:estimate')"
CARE_SIDE = (
    f"{ROLE} IN ('care_worker', 'team_leader', 'access_officer')"
    " AND client_id IN (SELECT id FROM outflow_client)"
)
OWN_DWELLING = (
    f"{ROLE} = 'allocator' AND dwelling_id IN (SELECT id FROM housing_dwelling"
    " WHERE corporation_id = (SELECT weerthuis_organisation()))"
)
HOMEWARD = f"{IN_REGION} AND ({OVERSIGHT} OR ({CARE_SIDE}) OR ({OWN_DWELLING}))"
OF_PROPOSAL = "proposal_id IN (SELECT id FROM housing_proposal)"
OF_RUN = f"""{ROLE} IN ('coordinator', 'job:match') AND run_id IN
  (SELECT id FROM housing_matchrun WHERE {IN_REGION})"""

FUNCTIONS = """
-- Clients whose functional profile this corporation may see: proposals about its dwellings.
CREATE FUNCTION weerthuis_proposed() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.client_id FROM housing_proposal p JOIN housing_dwelling d ON d.id = p.dwelling_id
  WHERE d.corporation_id = weerthuis_organisation() AND p.region_id = weerthuis_region()
    AND (p.ended_on IS NULL OR p.ended_on > CURRENT_DATE - 30)
$$;

-- Of those, the ones who said yes and whose release is on file.
CREATE FUNCTION weerthuis_released() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.client_id FROM housing_proposal p JOIN housing_dwelling d ON d.id = p.dwelling_id
  WHERE d.corporation_id = weerthuis_organisation() AND p.region_id = weerthuis_region()
    AND p.released_on IS NOT NULL
    AND p.state IN ('client_yes', 'viewing', 'contract', 'key', 'guided', 'evaluated',
                    'own_contract', 'watched')
$$;

-- Whether a dwelling is held is no secret; by whom is.
CREATE FUNCTION weerthuis_is_held(dwelling bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM housing_proposal p WHERE p.dwelling_id = dwelling
      AND p.state IN ('proposed', 'corporation_yes', 'client_yes', 'viewing', 'contract'))
    OR EXISTS (SELECT FROM housing_placement l WHERE l.dwelling_id = dwelling
      AND l.ended_on IS NULL)
$$;
"""

LEDGER = """
CREATE FUNCTION weerthuis_book_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  booked_by integer := CASE NEW.kind
    WHEN 'accepted' THEN NEW.dwellings
    WHEN 'returned' THEN -NEW.dwellings
    WHEN 'corrected' THEN NEW.dwellings
    ELSE 0 END;
  ceiling_by integer := CASE WHEN NEW.kind IN ('agreed', 'moved_over', 'override')
    THEN NEW.dwellings ELSE 0 END;
  raised_by integer := CASE WHEN NEW.kind IN ('moved_over', 'override')
    THEN NEW.dwellings ELSE 0 END;
BEGIN
  IF booked_by = 0 AND ceiling_by = 0 THEN
    RETURN NEW;
  END IF;
  UPDATE housing_contingent
    SET booked = booked + booked_by, ceiling = ceiling + ceiling_by
    WHERE id = NEW.contingent_id;
  INSERT INTO housing_regionyear (region_id, year, kind, raised, booked, basis)
    SELECT region_id, year, 'task', raised_by, booked_by, '{}'
    FROM housing_contingent WHERE id = NEW.contingent_id
    ON CONFLICT (region_id, year) DO UPDATE
      SET booked = housing_regionyear.booked + EXCLUDED.booked,
          raised = housing_regionyear.raised + EXCLUDED.raised;
  RETURN NEW;
END $$;
CREATE TRIGGER entry_is_booked AFTER INSERT ON housing_contingententry
  FOR EACH ROW EXECUTE FUNCTION weerthuis_book_entry();

CREATE FUNCTION weerthuis_guard_sums() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Depth 1 is a statement of the application itself; the ledger's own trigger comes deeper.
  IF pg_trigger_depth() = 1 THEN
    RAISE EXCEPTION 'The sums of a contingent follow from its entries.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'contingent_sums_follow_entries';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER sums_follow_entries BEFORE UPDATE OF booked, ceiling ON housing_contingent
  FOR EACH ROW WHEN (OLD.booked <> NEW.booked OR OLD.ceiling <> NEW.ceiling)
  EXECUTE FUNCTION weerthuis_guard_sums();
CREATE TRIGGER sums_follow_entries BEFORE UPDATE OF booked, raised ON housing_regionyear
  FOR EACH ROW WHEN (OLD.booked <> NEW.booked OR OLD.raised <> NEW.raised)
  EXECUTE FUNCTION weerthuis_guard_sums();
"""

LEDGER_DOWN = """
DROP TRIGGER sums_follow_entries ON housing_regionyear;
DROP TRIGGER sums_follow_entries ON housing_contingent;
DROP FUNCTION weerthuis_guard_sums();
DROP TRIGGER entry_is_booked ON housing_contingententry;
DROP FUNCTION weerthuis_book_entry();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("housing", "0002_promises_and_proposals"),
        ("outflow", "0002_second_lock"),
    ]

    operations = [
        migrations.RunSQL(
            FUNCTIONS,
            "DROP FUNCTION weerthuis_is_held(bigint), weerthuis_released(), weerthuis_proposed()",
        ),
        migrations.RunSQL(LEDGER, LEDGER_DOWN),
        protect("housing_proposal", HOMEWARD, also=(MATCHER, REPORTING)),
        protect("housing_placement", HOMEWARD, also=(MATCHER, REPORTING)),
        protect("housing_proposalstep", OF_PROPOSAL, also=(REPORTING,)),
        protect(
            "housing_refusalnote",
            f"{OF_PROPOSAL} AND organisation_id = (SELECT weerthuis_organisation())",
        ),
        protect("housing_matchrecord", OF_RUN),
        protect("housing_matchpair", OF_RUN),
        protect("housing_unmatchedclient", OF_RUN),
        protect_history("housing_proposalevent", "pgh_obj_id IN (SELECT id FROM housing_proposal)"),
        migrations.RunSQL(
            """
            CREATE POLICY proposed ON outflow_client FOR SELECT TO weerthuis_application
              USING ((SELECT weerthuis_role()) = 'allocator'
                     AND id IN (SELECT weerthuis_proposed()));
            CREATE POLICY released ON outflow_identity FOR SELECT TO weerthuis_application
              USING ((SELECT weerthuis_role()) = 'allocator'
                     AND client_id IN (SELECT weerthuis_released()));
            """,
            """
            DROP POLICY released ON outflow_identity;
            DROP POLICY proposed ON outflow_client;
            """,
        ),
        append_only("housing_contingententry", "housing_proposalstep"),
        readable_by(
            MATCHER,
            REPORTING,
            tables=(
                "housing_dwelling",
                "housing_supportoffer",
                "housing_contingent",
                "housing_contingententry",
                "housing_regionyear",
                "housing_guidancecapacity",
            ),
        ),
    ]
