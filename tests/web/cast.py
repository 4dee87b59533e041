"""The cast: two merchants with a person per role each, and clients that enforce CSRF as a browser meets it."""

from dataclasses import dataclass
from typing import Any

from django.test import Client

from qingdan.orders.models import Merchant
from qingdan.people import actions
from qingdan.people.models import User
from qingdan.people.rights import Role

PASSWORD = "correct-horse-清单"


@dataclass
class Browser:
    """A client with a cookie jar that sends the CSRF token as the user interface does."""

    client: Client

    def send(self, method: str, path: str, body: object = None, **extra: Any) -> Any:
        if "csrftoken" not in self.client.cookies:
            self.client.get("/api/session")
        token = self.client.cookies["csrftoken"].value
        options: dict[str, Any] = {"headers": {"X-CSRFToken": token, **extra.pop("headers", {})}, **extra}
        if method in {"post", "put", "patch", "delete"} and "data" not in options:
            options |= {"data": body, "content_type": "application/json"}
        return getattr(self.client, method)(path, **options)

    def get(self, path: str, **extra: Any) -> Any:
        return self.send("get", path, **extra)

    def post(self, path: str, body: object = None, **extra: Any) -> Any:
        return self.send("post", path, body, **extra)

    def delete(self, path: str) -> Any:
        return self.send("delete", path)

    def log_in(self, login: str, password: str = PASSWORD) -> Any:
        return self.post("/api/session", {"login": login, "password": password})


@dataclass
class Team:
    """One merchant with one person per role."""

    merchant: Merchant
    people: dict[Role, User]

    def browser(self, role: Role) -> Browser:
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.people[role])
        return Browser(client)


def make_team(name: str) -> Team:
    merchant = Merchant.objects.create(name=name)
    people = {
        role: actions.create_user(
            login=f"{name}-{role.value}",
            name=f"{name} {role.value}",
            merchant_id=merchant.id,
            roles=[role],
            password=PASSWORD,
        )
        for role in Role
    }
    return Team(merchant, people)
