"""What the web server serves."""

import multiprocessing
import os
import threading

from django.core.asgi import get_asgi_application


def _end_with_parent() -> None:
    """End this web worker when the process that started it is gone, so that none keeps the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, name="parent-watch", daemon=True).start()


_end_with_parent()
application = get_asgi_application()
