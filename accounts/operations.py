"""What is done with organisations, accounts and memberships."""

import secrets
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import OrganisationKind, Role, Viewer
from accounts.errors import Refused
from accounts.models import Membership, Organisation, User
from regions.clock import today
from regions.models import Municipality, Region

# Which roles make sense in which kind of organisation.
ROLES_OF = {
    OrganisationKind.CARE_PROVIDER: {Role.CARE_WORKER, Role.TEAM_LEADER},
    OrganisationKind.MUNICIPALITY: {Role.ACCESS_OFFICER, Role.STEERING_MEMBER, Role.COORDINATOR},
    OrganisationKind.CORPORATION: {Role.ALLOCATOR, Role.STEERING_MEMBER},
    OrganisationKind.WELFARE: {Role.NEIGHBOURHOOD_WORKER},
    OrganisationKind.CLIENT_COUNCIL: {Role.CLIENT_REPRESENTATIVE},
    OrganisationKind.REGIONAL_BUREAU: {
        Role.COORDINATOR,
        Role.STEERING_MEMBER,
        Role.PRIVACY_OFFICER,
        Role.ADMINISTRATOR,
    },
}
# Whoever decides about dwellings or clients does not also guard or administer.
APART = {Role.PRIVACY_OFFICER, Role.ADMINISTRATOR}


@transaction.atomic
def save_organisation(
    *,
    organisation: Organisation | None,
    name: str,
    kind: str,
    municipality: Municipality | None,
    other_names: list[str],
    phone: str,
    by: Viewer,
) -> Organisation:
    """Add an organisation to the region, or change one; its kind stays once people work there."""
    taken = Organisation.objects.filter(name__iexact=name)
    if organisation is not None:
        taken = taken.exclude(pk=organisation.pk)
    if taken.exists():
        raise Refused(_("There is already an organisation with this name. Choose another name."))
    is_new = organisation is None
    organisation = organisation or Organisation()
    if not is_new and organisation.kind != kind and organisation.memberships.exists():
        raise Refused(
            _("People work for this organisation, so its kind stays as it is. Nothing was changed.")
        )
    organisation.name = name
    organisation.kind = kind
    organisation.municipality = municipality
    organisation.other_names = other_names
    organisation.phone = phone
    try:
        with transaction.atomic():
            organisation.save()
    except IntegrityError as clash:
        raise Refused(
            _("Another organisation already stands for this municipality. Nothing was changed.")
        ) from clash
    organisation.regions.add(by.region_id)
    audit.record(
        "organisation.added" if is_new else "organisation.changed", organisation, by=by, kind=kind
    )
    return organisation


@transaction.atomic
def add_membership(
    *, email: str, name: str, organisation: Organisation, role: str, from_on: date, by: Viewer
) -> tuple[Membership, str]:
    """Give somebody a role; returns the membership and, for a new account, its first password."""
    return _give_role(
        email=email,
        name=name,
        organisation=organisation,
        region_id=by.region_id,
        role=role,
        from_on=from_on,
        by=by,
    )


@transaction.atomic
def add_first_administrator(
    *, region: Region, bureau: str, email: str, name: str
) -> tuple[Membership, str]:
    """Begin a region: its bureau, and the administrator who adds everybody else.

    Nobody can be signed in yet, so there is no viewer: whoever runs the server does this, once.
    """
    Region.objects.select_for_update().get(pk=region.pk)
    if Membership.objects.live().filter(region=region, role=Role.ADMINISTRATOR).exists():
        raise Refused(
            _("%(region)s has an administrator, who adds the others. Nothing was changed.")
            % {"region": region.name}
        )
    organisation = Organisation.objects.filter(name__iexact=bureau).first()
    if organisation is None:
        kind = OrganisationKind.REGIONAL_BUREAU
        organisation = Organisation.objects.create(name=bureau, kind=kind)
        audit.record("organisation.added", organisation, by=None, kind=kind)
    organisation.regions.add(region)
    return _give_role(
        email=email,
        name=name,
        organisation=organisation,
        region_id=region.pk,
        role=Role.ADMINISTRATOR,
        from_on=today(),
        by=None,
    )


def _give_role(
    *,
    email: str,
    name: str,
    organisation: Organisation,
    region_id: int,
    role: str,
    from_on: date,
    by: Viewer | None,
) -> tuple[Membership, str]:
    if Role(role) not in ROLES_OF[OrganisationKind(organisation.kind)]:
        raise Refused(
            _("That role does not belong to this kind of organisation. Nothing was changed.")
        )
    user = User.objects.select_for_update().filter(email=email.lower()).first()
    password = ""
    if user is None:
        password = secrets.token_urlsafe(12)
        user = User.objects.create_user(email, password, name=name)
        audit.record("account.added", user, by=by)
    held = set(
        Membership.objects.live()
        .filter(user=user, region_id=region_id)
        .values_list("role", flat=True)
    )
    if held and (role in APART) != bool(held & APART):
        raise Refused(
            _(
                "This person already has another kind of role in the region. Who guards or"
                " administers does nothing else there. Nothing was changed."
            )
        )
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                user=user,
                organisation=organisation,
                region_id=region_id,
                role=role,
                from_on=from_on,
            )
    except IntegrityError as clash:
        raise Refused(_("This person already has that role there. Nothing was changed.")) from clash
    audit.record("membership.added", membership, by=by, role=role)
    return membership, password


@transaction.atomic
def end_membership(*, membership: Membership, by: Viewer) -> None:
    """Take a role away from this moment on; the next request of that person notices."""
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.pk == by.membership_id:
        raise Refused(_("Nobody ends their own role. Ask another administrator."))
    # A role that would have begun later never counts.
    membership.until_on = max(today(), membership.from_on)
    membership.save(update_fields=["until_on"])
    audit.record("membership.ended", membership, by=by)


@transaction.atomic
def change_account(*, user: User, name: str, language: str, theme: str, by: Viewer) -> None:
    """What somebody sets for themselves."""
    user.name, user.language, user.theme = name, language, theme
    user.save(update_fields=["name", "language", "theme"])
    audit.record("account.changed", user, by=by)


@transaction.atomic
def change_password(*, user: User, password: str, by: Viewer) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record("account.password_changed", user, by=by)


@transaction.atomic
def choose_membership(*, user: User, membership: Membership) -> None:
    """Look through one membership from now on; a membership of somebody else is refused."""
    if not Membership.objects.live().filter(pk=membership.pk, user=user).exists():
        raise Refused(_("This role has ended. Choose another."))
    user.chosen_membership = membership
    user.save(update_fields=["chosen_membership"])
