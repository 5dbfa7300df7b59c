"""Every table: Alembic's target, and the schema the migrations are compared with."""

import backend.features.chat.models
import backend.features.escalation.models
import backend.features.estate.models
import backend.features.field.models
import backend.features.files.models
import backend.features.hotline.models
import backend.features.journey.models
import backend.features.notices.models
import backend.features.people.models
import backend.features.privacy.models
import backend.features.progress.models
import backend.features.repairs.models
import backend.features.replies.models
import backend.features.roster.models
import backend.features.standard.models
import backend.features.visits.models
import backend.features.warranty.models
import backend.platform.audit.models
import backend.platform.calendar.models
import backend.platform.idempotency.models
import backend.platform.outbox.models
import backend.platform.shift.models
import backend.platform.threads.models
import backend.platform.timers.models
import backend.platform.tree.models
from backend.db.base import Base

metadata = Base.metadata

__all__ = ["metadata"]
