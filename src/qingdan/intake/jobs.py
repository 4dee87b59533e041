"""Background jobs of the room: wake-ups only, the import's row says what there is to do."""

from procrastinate.contrib.django import app

from qingdan.cases import waking as cases
from qingdan.intake import actions, mappings, runner, undoing, unlocking
from qingdan.intake.models import Import
from qingdan.orders import actions as orders


@app.task(name=actions.RUN, queue=actions.QUEUE)
def run_import(import_id: int) -> None:
    """Run an import, unless another worker does."""
    runner.run(import_id)
    cases.wake(Import.objects.values_list("merchant_id", flat=True).get(pk=import_id))


@app.task(name=mappings.CHECK, queue=actions.QUEUE)
def check_mapping(check_id: int) -> None:
    """Check a mapping on a large file."""
    mappings.run_check(check_id)


@app.task(name=undoing.UNDO, queue=actions.QUEUE)
def undo_import(import_id: int) -> None:
    """Undo an import, unless another worker does."""
    undoing.run(import_id)


@app.periodic(cron="* * * * *")
@app.task(name="intake.sweep", queue=actions.QUEUE, queueing_lock="intake.sweep", pass_context=False)
def sweep(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Take up imports whose worker died or whose wake-up was lost; wipe passwords that nobody came back to."""
    actions.wake_lapsed()
    undoing.wake_open()
    unlocking.forget_old()


@app.periodic(cron="17 4 * * *")
@app.task(name="intake.drop_uploads", queue=actions.QUEUE, queueing_lock="intake.drop_uploads", pass_context=False)
def drop_uploads(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Delete the files of imports that ended long ago, and what orders were before; they hold personal data."""
    actions.drop_uploads()
    orders.drop_images()
