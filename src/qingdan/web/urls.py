"""Addresses: the API, the admin site, and the user interface for everything else."""

from django.contrib import admin
from django.urls import path, re_path
from django.views.generic import RedirectView

from qingdan.alerts import views as alert_links
from qingdan.cases import views as buyers
from qingdan.fulfilment import views as warehouses
from qingdan.insight import views as live
from qingdan.web import views
from qingdan.web.api import api
from qingdan.web.metrics import metrics

urlpatterns = [
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("metrics", metrics),
    path("wms/<str:token>", warehouses.hear),
    path("ack/<str:token>", alert_links.acknowledge),
    path("a/<str:token>", buyers.complete_address),
    path("api/stream", live.stream),
    path("api/", api.urls),
    path("api/<path:path>", views.no_such_operation),
    # The admin site has no login page of its own, so that there is one door to rate-limit.
    path("admin/login/", RedirectView.as_view(url="/login?next=/admin/")),
    path("admin/", admin.site.urls),
    re_path(r"^(?!api/|admin/|static/|wms/)(?P<path>.*)$", views.shell),
]
