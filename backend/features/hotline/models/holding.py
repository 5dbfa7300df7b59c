"""What the database itself holds of cases: steps, first promises, closings and visits. Whoever writes meets it."""

from typing import Final

from backend.db.ddl import after_tables, append_only
from backend.db.words import listed
from backend.features.hotline.rules.states import STEPS
from backend.features.hotline.rules.words import WITHOUT_VISIT

for _kept in ("case_talk", "case_visit", "case_handler", "case_link", "approval_table", "approval_level"):
    append_only(_kept)

_STEPS: Final = ", ".join(f"'{source}>{target}'" for source, target in sorted(STEPS))

# A step that no move makes, and an end without what it demands, are refused whoever writes.
after_tables(
    f"""CREATE FUNCTION hotline_case_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lacks text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('received', 'dispatched', 'passed_on') THEN
            lacks := 'a case begins as received, dispatched or passed on';
        END IF;
    ELSIF (NEW.id, NEW.number, NEW.thread_id, NEW.project_id, NEW.received_at, NEW.opened_at, NEW.opened_by)
        IS DISTINCT FROM
        (OLD.id, OLD.number, OLD.thread_id, OLD.project_id, OLD.received_at, OLD.opened_at, OLD.opened_by) THEN
        lacks := 'what a case is, and when it came, stays';
    ELSIF NEW.round NOT IN (OLD.round, OLD.round + 1) THEN
        lacks := 'rounds are counted one by one';
    ELSIF NEW.state <> OLD.state AND OLD.state || '>' || NEW.state NOT IN ({_STEPS}) THEN
        lacks := 'no move leads from ' || OLD.state || ' to ' || NEW.state;
    ELSIF NEW.state = 'closed' AND OLD.state <> 'closed' THEN
        IF NOT EXISTS (
            SELECT FROM case_closing WHERE case_id = NEW.id AND round = NEW.round AND state = 'closed'
                AND reason = NEW.close_reason
        ) THEN
            lacks := 'a case is closed for a reason';
        ELSIF NEW.close_reason = 'no_contact' AND NEW.contactable AND NOT NEW.common_part THEN
            lacks := 'whoever can be reached is reached';
        ELSIF NEW.close_reason NOT IN ({listed(WITHOUT_VISIT)}) AND NEW.contactable AND NOT NEW.common_part
            AND NOT EXISTS (
            SELECT FROM case_visit v WHERE v.case_id = NEW.id AND v.round = NEW.round AND NOT v.low
                AND NOT EXISTS (SELECT FROM case_handler h WHERE h.case_id = NEW.id AND h.account_id = v.by_id
                    AND h.at < v.at)
        ) THEN
            lacks := 'nothing closes without a return visit by somebody who did not handle it';
        END IF;
    END IF;
    IF lacks IS NOT NULL THEN
        RAISE EXCEPTION '%', lacks USING ERRCODE = 'restrict_violation', CONSTRAINT = 'hotline_case_keeps';
    END IF;
    RETURN NEW;
END $$"""
)
after_tables(
    "CREATE TRIGGER hotline_case_keeps BEFORE INSERT OR UPDATE ON hotline_case"
    " FOR EACH ROW EXECUTE FUNCTION hotline_case_keeps()"
)
after_tables("ALTER TABLE hotline_case ENABLE ALWAYS TRIGGER hotline_case_keeps")
after_tables(
    "CREATE TRIGGER hotline_case_stays BEFORE DELETE OR TRUNCATE ON hotline_case"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)

# Whoever handled a case does not visit (HC-38, CT-30); and whom it is about does neither.
after_tables(
    """CREATE FUNCTION case_visit_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM case_handler WHERE case_id = NEW.case_id AND account_id = NEW.by_id)
        OR EXISTS (SELECT FROM case_bar WHERE case_id = NEW.case_id AND account_id = NEW.by_id) THEN
        RAISE EXCEPTION 'a return visit is made by somebody who did not handle it'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'case_visit_by_another';
    END IF;
    RETURN NEW;
END $$"""
)
after_tables(
    "CREATE TRIGGER case_visit_by_another BEFORE INSERT ON case_visit"
    " FOR EACH ROW EXECUTE FUNCTION case_visit_by_another()"
)

# What was promised first is never rewritten, and what has ended has ended.
after_tables(
    """CREATE FUNCTION case_clock_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.case_id, NEW.code, NEW.number, NEW.round, NEW.first_promise, NEW.starts_at) IS DISTINCT FROM
        (OLD.case_id, OLD.code, OLD.number, OLD.round, OLD.first_promise, OLD.starts_at)
        OR OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'a first promise stays, and so does what has ended'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'case_clock_keeps';
    END IF;
    RETURN NEW;
END $$"""
)
after_tables(
    "CREATE TRIGGER case_clock_keeps BEFORE UPDATE ON case_clock"
    " FOR EACH ROW EXECUTE FUNCTION case_clock_keeps()"
)

# Proposals, closings and the steps of a claim are decided once, and never rewritten.
after_tables(
    """CREATE FUNCTION case_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    deciding text[] := ARRAY['answer', 'answered_by', 'answered_at', 'words', 'state', 'decided_by', 'decided_at',
        'decision'];
BEGIN
    IF TG_OP = 'UPDATE' AND coalesce(to_jsonb(OLD) ->> 'answer', to_jsonb(OLD) ->> 'state')
        IN ('open', 'asked', 'waiting') AND to_jsonb(OLD) - deciding = to_jsonb(NEW) - deciding THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is decided stays as it was'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'case_decided_once';
END $$"""
)
for _decided in ("case_proposal", "case_closing", "case_claim_step"):
    after_tables(
        f"CREATE TRIGGER {_decided}_once BEFORE UPDATE OR DELETE ON {_decided}"
        " FOR EACH ROW EXECUTE FUNCTION case_decided_once()"
    )

# Whoever is kept from a case sees it no longer: every node asks again what it shows them.
after_tables(
    """CREATE FUNCTION case_bar_tells() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('rights_changed', NEW.account_id::text);
    RETURN NULL;
END $$"""
)
after_tables(
    "CREATE TRIGGER case_bar_tells AFTER INSERT ON case_bar FOR EACH ROW EXECUTE FUNCTION case_bar_tells()"
)
