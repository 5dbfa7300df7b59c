"""Every router, one line each."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Response

from backend.features.calendar.routes import calendar
from backend.features.chat.routes import agents, conversations, handling
from backend.features.escalation.routes import calls as page_calls
from backend.features.escalation.routes import chains, pages, paging, taps
from backend.features.estate.routes import homes, imports, invitations, ownerships, projects
from backend.features.estate.routes.homes import list_my_homes
from backend.features.field.routes import field
from backend.features.files.routes import faces, files, media, uploads
from backend.features.hotline.routes.cases import cases
from backend.features.hotline.routes.claims import claims
from backend.features.hotline.routes.findings import findings
from backend.features.hotline.routes.flow import flow
from backend.features.hotline.routes.reports import reports as hotline_reports
from backend.features.journey.routes import board, moves, tasks, timeline
from backend.features.journey.routes.timeline import read_journey
from backend.features.notices.routes import addresses_of_mine, choices, mailbox, notices, unsubscribing
from backend.features.operations.routes import operations
from backend.features.people.routes import auth, household, me, positions, staff
from backend.features.privacy.routes import privacy
from backend.features.progress.routes import desk, feed, open_days
from backend.features.progress.routes.feed import list_posts_of_home
from backend.features.records.routes import list_entries, list_threads, records
from backend.features.repairs.routes import list_tickets, tickets
from backend.features.repairs.routes.calls import calls
from backend.features.repairs.routes.charges import charges
from backend.features.repairs.routes.ledger import ledgers
from backend.features.repairs.routes.sites import sites
from backend.features.repairs.routes.visits import read_my_day, visits
from backend.features.replies.routes import replies
from backend.features.roster.routes import rosters
from backend.features.standard.routes import standards
from backend.features.visits.routes import making, reports
from backend.features.visits.routes import visits as return_visits
from backend.features.warranty.routes import batches, contracts, ledger, owners, statutory
from backend.features.warranty.routes.owners import read_warranty
from backend.platform.http import operations as monitoring
from backend.platform.http.clock import clock

# Matched in this order, each route in turn and twice, so what phones ask for most stands first.
routers: list[APIRouter] = [
    homes,
    timeline,
    records,
    media,
    files,
    uploads,
    monitoring.router,
    auth,
    me,
    choices,
    notices,
    addresses_of_mine,
    unsubscribing,
    household,
    staff,
    faces,
    positions,
    rosters,
    invitations,
    projects,
    ownerships,
    tasks,
    moves,
    board,
    tickets,
    cases,
    flow,
    claims,
    hotline_reports,
    findings,
    conversations,
    handling,
    agents,
    pages,
    page_calls,
    paging,
    taps,
    feed,
    desk,
    open_days,
    field,
    visits,
    calls,
    charges,
    ledgers,
    sites,
    return_visits,
    making,
    reports,
    owners,
    ledger,
    contracts,
    batches,
    statutory,
    imports,
    calendar,
    replies,
    privacy,
    standards,
    operations,
    chains,
]

# What phones ask for most; see `platform/http/hot.py`.
hot_reads: list[Callable[..., Awaitable[Response]]] = [
    list_my_homes,
    read_journey,
    list_entries,
    list_threads,
    list_tickets,
    read_my_day,
    list_posts_of_home,
    read_warranty,
]

# Development mode only; production has none of these addresses.
development_routers: list[APIRouter] = [
    mailbox,
    clock,
]
