"""The demo's departments, people, groups and grants (interface.md, Demo organisation); added where missing, never changed."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from records.models import Department, DutyHolder, Grant, RecordClass, Tier, User

PASSWORD = "muniment"  # noqa: S105 - known to everybody: `serve --demo` listens on loopback only
DEPARTMENTS = {
    "administration": ("行政部", "行政部", "Administration"),
    "sales": ("销售部", "銷售部", "Sales"),
    "projects": ("工程部", "工程部", "Projects"),
    "finance": ("财务部", "財務部", "Finance"),
    "legal": ("法务部", "法務部", "Legal"),
}
ARCHIVISTS, MANAGERS = "archivists", "managers"
COMMITTEE = "confidentiality-committee"  # as shipped: it agrees to releases to outside (SEC-11)
# Who has a need to know by class: groups, and departments after `@`.
READERS = {
    "HT": (ARCHIVISTS, MANAGERS, "@sales", "@legal"),
    "DK": (ARCHIVISTS, MANAGERS, "@finance", "@legal"),
    "QZ": (ARCHIVISTS, MANAGERS, "@legal"),
    "SF": (ARCHIVISTS, MANAGERS, "@sales", "@legal"),
    "KH": (ARCHIVISTS, MANAGERS, "@sales"),
}


@dataclass(frozen=True)
class Member:
    """A person of the demo."""

    username: str
    name: str
    department: str
    clearance: str
    duties: tuple[str, ...]
    groups: tuple[str, ...] = ()


MEMBERS = (
    Member("admin", "系统管理员", "administration", "internal", ("administrator",)),
    Member("archivist", "张敏", "administration", "confidential", ("archivist",), (ARCHIVISTS,)),
    Member("archivist2", "周洁", "administration", "confidential", ("archivist",), (ARCHIVISTS,)),
    Member("registrar", "吴登", "administration", "top-secret", ("archivist",), (ARCHIVISTS,)),
    Member("staff", "李静", "sales", "internal", ("staff",)),
    Member("staff2", "刘洋", "projects", "internal", ("staff",)),
    Member("head", "王部长", "sales", "secret", ("staff", "head")),
    Member("manager", "赵总", "administration", "top-secret", ("manager",), (MANAGERS, COMMITTEE)),
    Member("legal", "钱律师", "legal", "confidential", ("legal",), (COMMITTEE,)),
    Member("legal2", "孙律师", "legal", "confidential", ("legal",)),
    Member("officer", "郑保密", "administration", "top-secret", ("officer",), (COMMITTEE,)),
    Member("auditor", "冯审计", "administration", "internal", ("auditor",)),
)


def load_people() -> int:
    """Departments, groups and people; returns how many people were added. Who is there keeps password, duties and clearance."""
    with transaction.atomic():
        for slug, (name, traditional, english) in DEPARTMENTS.items():
            names = {"zh-hans": name, "zh-hant": traditional, "en": english}
            Department.objects.get_or_create(slug=slug, defaults={"name": name, "names": names})
        for group in (ARCHIVISTS, MANAGERS, COMMITTEE):
            Group.objects.get_or_create(name=group)
        known = set(User.objects.values_list("username", flat=True))
        wanted = [member for member in MEMBERS if member.username not in known]
        password = make_password(PASSWORD) if wanted else ""  # one hash for all: a dozen would take seconds
        for member in wanted:
            _add(member, password)
    return len(wanted)


def _add(member: Member, password: str) -> None:
    user = User.objects.create(
        username=member.username,
        password=password,
        display_name=member.name,
        email=f"{member.username}@example.com",
        department=Department.objects.get(slug=member.department),
        clearance=Tier.objects.get(slug=member.clearance),
    )
    DutyHolder.objects.bulk_create(DutyHolder(user=user, duty=duty) for duty in member.duties)
    user.groups.set(Group.objects.filter(name__in=member.groups))


def load_grants() -> int:
    """The need to know of each class; returns how many grants were added."""
    added = 0
    for code, readers in READERS.items():
        record_class = RecordClass.objects.get(code=code)
        for reader in readers:
            to = {"department": Department.objects.get(slug=reader[1:])} if reader[0] == "@" else {"group": Group.objects.get(name=reader)}
            added += Grant.objects.get_or_create(record_class=record_class, **to)[1]
    return added
