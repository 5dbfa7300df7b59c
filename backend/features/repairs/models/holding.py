"""What the database itself holds of tickets: one engineer, the gates, first promises. Whoever writes meets it."""

from typing import Final

from backend.db.ddl import after_tables, append_only
from backend.db.words import listed
from backend.features.people.service import roles_that_may
from backend.features.repairs.rules.gates import PROTECTIONS
from backend.features.repairs.rules.states import STEPS

for _kept in (
    "succession",
    "ticket_tick",
    "ticket_finish",
    "ticket_signature",
    "ticket_return_visit",
    "ticket_refusal",
    "ticket_rating",
):
    append_only(_kept)

_STEPS: Final = ", ".join(f"'{source}>{target}'" for source, target in sorted(STEPS))

# One engineer all its life (RP-04). The rule is on the table, not in the application: whoever writes, by whatever
# statement, meets it; also a superuser who has switched ordinary triggers off (`ENABLE ALWAYS`).
after_tables(
    """CREATE FUNCTION ticket_keeps_engineer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.engineer_id IS NOT NULL AND NEW.engineer_id IS DISTINCT FROM OLD.engineer_id AND NOT EXISTS (
        SELECT FROM succession s
        JOIN entry e ON e.thread_id = s.thread_id AND e.seq = s.entry_seq
        WHERE s.ticket_id = OLD.id AND s.from_id = OLD.engineer_id AND s.to_id = NEW.engineer_id
            AND s.transaction = pg_current_xact_id()::text::bigint
            AND e.thread_id = OLD.thread_id AND e.audience = 'all' AND e.kind = 'engineer_changed'
    ) THEN
        RAISE EXCEPTION 'the engineer of a ticket changes only by a succession'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_keeps_engineer';
    END IF;
    RETURN NEW;
END $$"""
)
after_tables(
    "CREATE TRIGGER ticket_keeps_engineer BEFORE UPDATE ON ticket"
    " FOR EACH ROW EXECUTE FUNCTION ticket_keeps_engineer()"
)
after_tables("ALTER TABLE ticket ENABLE ALWAYS TRIGGER ticket_keeps_engineer")

# Who approves oversees the home's node that day; in which transaction it happens is not for the writer to say.
after_tables(
    f"""CREATE FUNCTION succession_is_approved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := (app_now() AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    NEW.transaction := pg_current_xact_id()::text::bigint;
    IF NOT EXISTS (
        SELECT FROM ticket t JOIN node n ON n.id = t.node_id
        JOIN position p ON p.node_id = ANY (n.path) AND p.account_id = NEW.approver_id
        JOIN account a ON a.id = p.account_id AND a.disabled_at IS NULL
        WHERE t.id = NEW.ticket_id AND t.engineer_id = NEW.from_id AND t.thread_id = NEW.thread_id
            AND p.role IN ({listed(roles_that_may("oversee"))})
            AND p.since <= today AND (p.until IS NULL OR p.until > today)
    ) THEN
        RAISE EXCEPTION 'a succession is approved by a manager of the home''s node'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'succession_is_approved';
    END IF;
    RETURN NEW;
END $$"""
)
after_tables(
    "CREATE TRIGGER succession_is_approved BEFORE INSERT ON succession"
    " FOR EACH ROW EXECUTE FUNCTION succession_is_approved()"
)
after_tables("ALTER TABLE succession ENABLE ALWAYS TRIGGER succession_is_approved")

# No succession without its change: looked at when the transaction ends.
after_tables(
    """CREATE FUNCTION succession_happens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ticket WHERE id = NEW.ticket_id AND engineer_id = NEW.to_id) THEN
        RAISE EXCEPTION 'a succession stands beside the change it is about'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'succession_happens';
    END IF;
    RETURN NULL;
END $$"""
)
after_tables(
    "CREATE CONSTRAINT TRIGGER succession_happens AFTER INSERT ON succession DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION succession_happens()"
)

# A step that no move makes, and a gate without its evidence, are refused here too (RP-05 to RP-09, RC-10, CT-30).
after_tables(
    f"""CREATE FUNCTION ticket_passes_gates() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lacks text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'reported' OR NEW.visit <> 0 THEN
            lacks := 'a ticket begins as reported';
        END IF;
    ELSE
        IF (NEW.id, NEW.thread_id, NEW.ownership_id, NEW.home_id, NEW.project_id, NEW.node_id, NEW.opened_at)
            IS DISTINCT FROM
            (OLD.id, OLD.thread_id, OLD.ownership_id, OLD.home_id, OLD.project_id, OLD.node_id, OLD.opened_at) THEN
            lacks := 'what a ticket is about stays';
        ELSIF NEW.visit NOT IN (OLD.visit, OLD.visit + 1) THEN
            lacks := 'visits are counted one by one';
        ELSIF NEW.state <> OLD.state AND OLD.state || '>' || NEW.state NOT IN ({_STEPS}) THEN
            lacks := 'no move leads from ' || OLD.state || ' to ' || NEW.state;
        ELSIF NEW.state = OLD.state THEN
            lacks := NULL;
        ELSIF NEW.state = 'arrived' AND NEW.visit = OLD.visit THEN
            lacks := 'a visit is counted when somebody arrives';
        ELSIF NEW.state = 'working' AND (
            SELECT count(*) FROM ticket_tick WHERE ticket_id = NEW.id AND visit = NEW.visit
        ) < {len(PROTECTIONS)} THEN
            lacks := 'work starts when everything is protected';
        ELSIF NEW.state = 'working' AND NEW.livable IS NOT TRUE AND NOT EXISTS (
            SELECT FROM ticket_living WHERE ticket_id = NEW.id AND decided_at IS NOT NULL
        ) THEN
            lacks := 'whoever cannot live there is offered something first';
        ELSIF NEW.state = 'done' AND NOT EXISTS (
            SELECT FROM ticket_finish WHERE ticket_id = NEW.id AND visit = NEW.visit
        ) THEN
            lacks := 'work is recorded as done';
        ELSIF NEW.state = 'cleaned' AND NOT EXISTS (
            SELECT FROM ticket_cleaning c JOIN account a ON a.id = c.ticked_by
            WHERE c.ticket_id = NEW.id AND c.visit = NEW.visit AND a.kind = 'owner'
        ) THEN
            lacks := 'the owner ticks the cleaning';
        ELSIF NEW.state = 'signed' AND NOT EXISTS (
            SELECT FROM ticket_signature s JOIN account a ON a.id = s.by_id
            WHERE s.ticket_id = NEW.id AND s.visit = NEW.visit AND a.kind = 'owner'
        ) THEN
            lacks := 'the owner signs';
        ELSIF NEW.state = 'visited' AND NOT EXISTS (
            SELECT FROM ticket_return_visit v WHERE v.ticket_id = NEW.id AND v.visit = NEW.visit AND v.settled
                AND v.by_id <> NEW.engineer_id
                AND NOT EXISTS (SELECT FROM succession s WHERE s.ticket_id = NEW.id AND s.from_id = v.by_id)
        ) THEN
            lacks := 'a return visit is made by somebody who did not handle it';
        ELSIF NEW.state = 'not_a_repair' AND NOT EXISTS (
            SELECT FROM ticket_refusal WHERE ticket_id = NEW.id AND version = OLD.version
        ) THEN
            lacks := 'what is no repair is proved';
        END IF;
    END IF;
    IF lacks IS NOT NULL THEN
        RAISE EXCEPTION '%', lacks USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_passes_gates';
    END IF;
    RETURN NEW;
END $$"""
)
after_tables(
    "CREATE TRIGGER ticket_passes_gates BEFORE INSERT OR UPDATE ON ticket"
    " FOR EACH ROW EXECUTE FUNCTION ticket_passes_gates()"
)
after_tables("ALTER TABLE ticket ENABLE ALWAYS TRIGGER ticket_passes_gates")

after_tables(
    "CREATE TRIGGER ticket_stays BEFORE DELETE OR TRUNCATE ON ticket"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)

# What was promised first is never rewritten.
after_tables(
    """CREATE FUNCTION ticket_clock_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.ticket_id, NEW.code, NEW.number, NEW.first_promise, NEW.starts_at) IS DISTINCT FROM
        (OLD.ticket_id, OLD.code, OLD.number, OLD.first_promise, OLD.starts_at) OR OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'a first promise stays, and so does what has ended'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_clock_keeps';
    END IF;
    RETURN NEW;
END $$"""
)
after_tables(
    "CREATE TRIGGER ticket_clock_keeps BEFORE UPDATE ON ticket_clock"
    " FOR EACH ROW EXECUTE FUNCTION ticket_clock_keeps()"
)
# Whoever no longer has a ticket no longer sees it: every node asks again what it shows them.
after_tables(
    """CREATE FUNCTION ticket_changed_hands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('rights_changed', OLD.engineer_id::text);
    RETURN NULL;
END $$"""
)
after_tables(
    "CREATE TRIGGER ticket_changed_hands AFTER UPDATE OF engineer_id ON ticket FOR EACH ROW"
    " WHEN (OLD.engineer_id IS NOT NULL AND OLD.engineer_id IS DISTINCT FROM NEW.engineer_id)"
    " EXECUTE FUNCTION ticket_changed_hands()"
)
