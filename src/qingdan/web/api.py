"""The HTTP API: every room's operations under ``/api``, all behind the door of ``people.access``."""

from ninja import NinjaAPI

import qingdan
from qingdan.alerts.api import router as alerts
from qingdan.campaigns.api import router as campaigns
from qingdan.cases.api import router as cases
from qingdan.customers.api import router as customers
from qingdan.desk.api import router as desk
from qingdan.finance.api import router as payments
from qingdan.fulfilment.api import router as pushes
from qingdan.insight.api import router as board
from qingdan.intake.api import router as imports
from qingdan.intake.mapping_api import router as mappings
from qingdan.orders.api import router as orders
from qingdan.oversight.api import router as oversight
from qingdan.people.access import NOBODY
from qingdan.people.api import router as people
from qingdan.people.roster_api import router as rosters
from qingdan.policies.api import router as policies
from qingdan.web import errors
from qingdan.web.catalogue import router as catalogue

api = NinjaAPI(
    title="Qingdan 清单",
    version=qingdan.__version__,
    auth=NOBODY,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)
errors.install(api)
api.add_router("", people)
api.add_router("", rosters)
api.add_router("/catalogue", catalogue)
api.add_router("/orders", orders)
api.add_router("/imports", imports)
api.add_router("/mappings", mappings)
api.add_router("/customers", customers)
api.add_router("/cases", cases)
api.add_router("/campaigns", campaigns)
api.add_router("/desk", desk)
api.add_router("/policies", policies)
api.add_router("/pushes", pushes)
api.add_router("/payments", payments)
api.add_router("/board", board)
api.add_router("/alerts", alerts)
api.add_router("", oversight)
