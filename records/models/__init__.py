"""The tables of the archive, one concept a module."""

from records.models.approvals import Approval, ApprovalState, ApprovalStep, Approver, Chain, ChainStep, Deputy, StepRule
from records.models.classes import Grant, NumberRule, RecordClass, TypeSchedule, Volume
from records.models.copies import CopyState, LoanCopy, LoanRendition
from records.models.entrusting import Proposal, ProposalState, Trust
from records.models.leaks import Leak, LeakState
from records.models.loan_reports import LoanReport
from records.models.loans import DIGITAL, OPEN, OUT, Loan, LoanPolicy, LoanState, Use
from records.models.notices import Notice
from records.models.numbers import NumberEntry, NumberScope, YearCounter
from records.models.parties import Party, PartyIdentifier, PartyKind, PartyRole, RecordParty
from records.models.people import Department, Duty, DutyHolder, MailPace, User
from records.models.places import DEPTH, Place, PlaceKind
from records.models.records import (
    INVERSE,
    Basis,
    Component,
    Original,
    Record,
    RecordHand,
    RecordNamed,
    RecordVersion,
    Relation,
    RelationKind,
    SealedField,
    State,
    TermEnd,
    TierChange,
    TierChangeState,
    Upload,
)
from records.models.releases import Release, ReleaseForm, ReleaseState
from records.models.schedules import EVENT_FIELDS, Disposal, Schedule, Trigger
from records.models.tiers import KnownBy, Tier
from records.models.trail import AuditEvent, AuditLink, OutboxRow
from records.models.types import FieldDefinition, Level, RecordType

__all__ = [
    "DEPTH",
    "DIGITAL",
    "EVENT_FIELDS",
    "INVERSE",
    "OPEN",
    "OUT",
    "Approval",
    "ApprovalState",
    "ApprovalStep",
    "Approver",
    "AuditEvent",
    "AuditLink",
    "Basis",
    "Chain",
    "ChainStep",
    "Component",
    "CopyState",
    "Department",
    "Deputy",
    "Disposal",
    "Duty",
    "DutyHolder",
    "FieldDefinition",
    "Grant",
    "KnownBy",
    "Leak",
    "LeakState",
    "Level",
    "Loan",
    "LoanCopy",
    "LoanPolicy",
    "LoanRendition",
    "LoanReport",
    "LoanState",
    "MailPace",
    "Notice",
    "NumberEntry",
    "NumberRule",
    "NumberScope",
    "Original",
    "OutboxRow",
    "Party",
    "PartyIdentifier",
    "PartyKind",
    "PartyRole",
    "Place",
    "PlaceKind",
    "Proposal",
    "ProposalState",
    "Record",
    "RecordClass",
    "RecordHand",
    "RecordNamed",
    "RecordParty",
    "RecordType",
    "RecordVersion",
    "Relation",
    "RelationKind",
    "Release",
    "ReleaseForm",
    "ReleaseState",
    "Schedule",
    "SealedField",
    "State",
    "StepRule",
    "TermEnd",
    "Tier",
    "TierChange",
    "TierChangeState",
    "Trigger",
    "Trust",
    "TypeSchedule",
    "Upload",
    "Use",
    "User",
    "Volume",
    "YearCounter",
]
