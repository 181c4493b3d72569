"""The wiring tables: which jobs follow which event, and what rooms add to pages below them. Start reading here.

An event is published by the verb that caused it; its jobs run after the commit, in a worker, at least once each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Flask

from app.api import events as api_events
from app.api import jobs as api_jobs
from app.api import notices
from app.billing import events as billing
from app.billing import jobs as billing_jobs
from app.billing import letters as billing_letters
from app.billing.service import counting, paying
from app.custody.departing import events as departures
from app.custody.departing import jobs as departure_jobs
from app.custody.departing import letters as departure_letters
from app.custody.exporting import events as exports
from app.custody.exporting import jobs as export_jobs
from app.custody.exporting import letters as export_letters
from app.custody.keeping import events as retention
from app.custody.keeping import jobs as retention_jobs
from app.custody.keeping import letters as retention_letters
from app.customers import events as customers
from app.delivery import events as delivery
from app.delivery import jobs as delivery_jobs
from app.delivery.letters import Writer
from app.delivery.webhooks import courier
from app.delivery.webhooks import events as webhooks
from app.delivery.webhooks import jobs as webhook_jobs
from app.delivery.webhooks.queries import has_listeners
from app.demo.shop import example_jobs
from app.demo.shop import jobs as demo
from app.demo.shop.events import ShopOpened
from app.insights.figures import jobs as figures
from app.insights.scorecards import events as scorecard_events
from app.insights.scorecards import jobs as scorecards
from app.journeys import events as journeys
from app.journeys import queries as journey_queries
from app.kernel.contributions import Contribution
from app.kernel.events import Event, Job
from app.loop.absences import jobs as absences
from app.loop.absences import letters as absence_letters
from app.loop.cases import events as case_events
from app.loop.cases import jobs as cases
from app.loop.cases import service as case_service
from app.loop.cases.queries import customer as customers_cases
from app.loop.cases.queries import workers
from app.partners import events as partners
from app.runtime import metrics
from app.surveys.answering import jobs as answering_jobs
from app.surveys.answering import queries as answering
from app.surveys.answering.events import FollowUpAnswered, ResponseReleased, ResponseSaved, ResponseSubmitted
from app.surveys.outreach import events as outreach
from app.surveys.outreach import jobs as outreach_jobs
from app.surveys.outreach import mail as outreach_mail
from app.tenants import events as tenants
from app.tenants import plan, row_scopes
from app.tenants.accounts import jobs as accounts
from app.tenants.accounts import letters as account_letters
from app.tenants.examples import events as example_events
from app.tenants.examples import jobs as examples
from app.tenants.joining import jobs as joining
from app.tenants.joining import letters as joining_letters
from app.tenants.trail import jobs as trail

__all__ = ["CONTRIBUTIONS", "JOBS", "LANES", "LETTERS", "NOTICES", "has_listeners"]

JOBS: Mapping[type[Event], tuple[Job, ...]] = {
    # An interaction has been decided about; the invitation waits until it is due, and later until it expires.
    outreach.InvitationScheduled: (outreach_jobs.send_invitation,),
    outreach.InvitationSent: (outreach_jobs.expire_invitation,),
    customers.CustomerSuppressed: (outreach_jobs.cancel_invitations,),
    # Its mail goes out, and whoever asked for it hears what became of it.
    delivery.MessageQueued: (delivery_jobs.send_message,),
    delivery.MessageSent: (outreach_jobs.record_invitation_sent,),
    delivery.MessageFailed: (outreach_jobs.record_invitation_bounced,),
    delivery.MessageUncertain: (outreach_jobs.record_invitation_uncertain,),
    delivery.MessageLapsed: (outreach_jobs.send_invitation_again,),
    # What other systems were told is forgotten after a month.
    webhooks.DeliveriesKept: (webhook_jobs.forget_deliveries,),
    # What machines were answered is repeated for a day.
    api_events.AnswersKept: (api_jobs.forget_answers,),
    # Somebody who works here, or is about to, gets a letter; its writer stands below.
    tenants.LetterWanted: (delivery_jobs.send_letter,),
    tenants.TenantLetterWanted: (delivery_jobs.send_tenant_letter,),
    # Who was refused at the sign-in page is noted for whoever they tried to be.
    tenants.SignInRefused: (accounts.note_refusal,),
    # What is kept of sign-ins for their person is forgotten after some weeks.
    tenants.SignInNoted: (accounts.forget_sign_ins,),
    # What was written into the audit is sealed.
    tenants.AuditRecorded: (trail.seal_audit,),
    # Who leaves leaves their cases to others, and those they stood in for, and looks around in the example no more.
    tenants.MemberLeft: (cases.hand_over_cases, absences.release_member, examples.leave_example),
    # Nobody keeps a case that they do not see.
    tenants.MemberNarrowed: (cases.hand_over_unseen_cases,),
    journeys.TouchpointHandedOver: (cases.hand_over_moved_cases,),
    # Who asked to sign up and never came is forgotten.
    tenants.SignUpAsked: (joining.forget_sign_up,),
    # An answer opens its one case, a partial one once it has been left alone; a follow-up's may reopen a closed one.
    # All but a follow-up's go into the rollups; until then figures count them where they stand.
    ResponseSubmitted: (cases.open_case_for_response, figures.roll_up_response),
    ResponseSaved: (cases.open_case_when_settled, figures.roll_up_response),
    FollowUpAnswered: (cases.hear_follow_up,),
    # One that was over the plan has opened its case and was told of; it comes to count.
    ResponseReleased: (figures.roll_up_response,),
    # A case is watched until its clocks are stopped, and its customer asked once it is closed.
    case_events.ClockStarted: (cases.record_breach,),
    case_events.PauseStarted: (cases.end_long_wait,),
    case_events.CaseClosed: (cases.plan_follow_up,),
    # The demo tenant was made at a first start; its year is told while one can look around already.
    ShopOpened: (demo.fill_shop,),
    # A tenant's example is told chapter by chapter, and goes when nobody has looked at it for a month.
    example_events.ChapterWanted: (example_jobs.tell_example,),
    example_events.ExampleOpened: (examples.remove_unopened,),
    # Each month that is over is closed once late answers have had their time, and the next one planned.
    partners.FirstPartnerAdded: (scorecards.begin_scorecards,),
    scorecard_events.MonthPlanned: (scorecards.close_month,),
    # Its partner is told what it is asked, and the case hears what the partner says.
    case_events.PartnerAsked: (cases.write_partner,),
    case_events.PartnerSpoke: (cases.hear_partner,),
    # Stripe is asked how a subscription stands; then what had waited for it goes on.
    billing.StripeHeard: (billing_jobs.sync_subscription,),
    billing.DayWentBy: (billing_jobs.check_subscription,),
    billing.SubscriptionChanged: (answering_jobs.release_over_plan, outreach_jobs.resume_invitations),
    # What was used is set down once an hour, and told to Stripe.
    billing.UsageBegan: (billing_jobs.report_usage,),
    billing.UsageReported: (billing_jobs.send_usage_report,),
    # Everything that a tenant has is written into a file, which goes after some days.
    exports.ExportAsked: (export_jobs.build_export,),
    exports.ExportMade: (export_jobs.expire_export,),
    # Every night what a tenant no longer wants to keep is let go.
    retention.RetentionDue: (retention_jobs.apply_retention,),
    # A tenant goes once its grace is over; then nothing is billed to it, and log-ins that open nothing are forgotten.
    departures.DepartureDue: (departure_jobs.delete_tenant,),
    example_events.ExampleRemoved: (departure_jobs.delete_example,),
    departures.SubscriptionLeft: (departure_jobs.cancel_subscription,),
    departures.PeopleLeft: (departure_jobs.forget_people,),
}

LETTERS: Mapping[str, Writer] = {
    "sign_up": joining_letters.sign_up_letter,
    "team_invite": joining_letters.invite_letter,
    "stand_in": absence_letters.stand_in_letter,
    "set_away": absence_letters.set_away_letter,
    "stand_in_lost": absence_letters.stand_in_lost_letter,
    "unpaid": billing_letters.unpaid_letter,
    "export_ready": export_letters.export_ready_letter,
    "retention_changed": retention_letters.retention_changed_letter,
    "departure_asked": departure_letters.departure_asked_letter,
    "departure_taken_back": departure_letters.departure_taken_back_letter,
    "departure_held": departure_letters.departure_held_letter,
    "tenant_deleted": departure_letters.tenant_deleted_letter,
    "password_reset": account_letters.reset_letter,
    "new_email": account_letters.new_email_letter,
    **{kind: partial(account_letters.note, kind) for kind in account_letters.NOTES},
}
"""Who writes the letters of each kind."""

NOTICES: Mapping[type[Event], tuple[Job, ...]] = {
    # What other systems hear of by webhook, where the tenant has any; nothing that is history.
    ResponseSubmitted: (notices.tell_of_response,),
    case_events.CaseTold: (notices.tell_of_case,),
    customers.CustomerSuppressed: (notices.tell_of_unsubscription,),
    scorecard_events.MonthClosed: (notices.tell_of_month,),
}

LANES: tuple[Callable[[Flask, Callable[[], bool]], None], ...] = (courier.run,)
"""What each worker does beside the outbox, in a thread of its own, until it is told to leave."""

CONTRIBUTIONS: Mapping[Contribution[..., Any], Callable[..., Any]] = {
    # How far behind the courier of webhooks is.
    metrics.webhooks_lag: courier.lag_seconds,
    # How many people a tenant has places for, and whether it has paid.
    plan.check_seat: counting.check_seat,
    plan.check_paid: paying.check_paid,
    # To what a member can be narrowed, and which cases they would have to hand over.
    row_scopes.list_groups: journey_queries.list_groups,
    row_scopes.find_touchpoints_of: journey_queries.find_touchpoints_of,
    row_scopes.count_cases_outside: workers.count_cases_outside,
    # After a bad answer: until when somebody is in touch, and where its customer follows what is done.
    answering.find_promise: case_service.promise_after_answer,
    # The mail that asks whether it is solved leads there too.
    outreach_mail.find_follow_url: customers_cases.find_follow_url,
}
