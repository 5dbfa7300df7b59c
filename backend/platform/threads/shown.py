"""What a reader is shown of a thread, and how a line is written out: parts of statements."""

from typing import Final

SHOWN: Final = """e.thread_id = {thread} AND (e.audience = 'all' OR {sees} = 'staff')
    AND NOT EXISTS (SELECT FROM entry w WHERE w.thread_id = e.thread_id AND w.hides = e.seq)"""
"""Whether `entry e` is shown: for a thread and an audience, each a parameter or a column."""

UNREAD: Final = f"""{SHOWN} AND e.seq > {{read}} AND e.kind <> 'withdrawn'
    AND e.author_id IS DISTINCT FROM {{account}}"""
"""Whether it is unread by an account that has read up to a seq. One's own lines and withdrawals never are.

Where they are counted up to a limit, it is in the order of seq: so PostgreSQL reads no further than it counts.
"""

UNREAD_MOST: Final = 100
"""Where many threads are told at once, unread lines are counted up to here: it means this many or more."""

# Put together as text: half the price of building objects and writing them out.
AS_JSON: Final = """concat('{"seq":', seq, ',"kind":', to_json(kind), ',"author":',
        coalesce('"' || author_id || '"', 'null'), ',"body":', body,
        ',"at":"', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        '","audience":"', audience, '","cid":', coalesce(to_json(cid)::text, 'null'),
        ',"hides":', coalesce(hides::text, 'null'), ',"erased":', (erased_at IS NOT NULL)::text, '}')"""
"""The columns of a line as JSON."""
