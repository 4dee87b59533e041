from typing import TYPE_CHECKING

from django.contrib import admin

from qingdan.people.models import User

if TYPE_CHECKING:
    _UserAdmin = admin.ModelAdmin[User]
else:
    _UserAdmin = admin.ModelAdmin


@admin.register(User)
class UserAdmin(_UserAdmin):
    """Users for the engineer who installs Qingdan; passwords are set by ``qingdan user password``."""

    list_display = ("login", "name", "merchant", "roles", "is_active")
    list_filter = ("merchant", "is_active")
    search_fields = ("login", "name")
    fields = ("login", "name", "merchant", "roles", "is_active", "is_staff")
