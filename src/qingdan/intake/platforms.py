"""Files that carry orders of several platforms, as an ERP's do: whose order each row is."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from qingdan.channels.mapping import Channel, Words
from qingdan.core.columns import ORDER_SCHEMA
from qingdan.intake.assemble import Assembled
from qingdan.intake.headers import Match
from qingdan.intake.readers import ROW


def tell(frame: pl.DataFrame, words: Words) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with the ``channel`` that their ``platform_text`` names, and the rows (``row``, ``value``) that name none.

    A text that names two platforms names none. A file of one platform is left as it is.
    """
    none = pl.DataFrame(schema={ROW: pl.UInt32(), "value": pl.String()})
    if not words.platforms:
        return frame, none
    if "platform_text" not in frame.columns:
        return frame.clear().with_columns(channel=pl.lit(None, ORDER_SCHEMA["channel"])), frame.select(
            ROW, value=pl.lit("")
        )
    texts = frame.select(pl.col("platform_text").unique().drop_nulls())
    named = texts.with_columns(
        channel=pl.Series([_channel(text, words) for text in texts["platform_text"]], dtype=pl.String)
    )
    told = frame.join(named, on="platform_text", how="left", maintain_order="left")
    known = pl.col("channel").is_not_null()
    return (
        told.filter(known).with_columns(pl.col("channel").cast(ORDER_SCHEMA["channel"])),
        told.filter(~known).select(ROW, value=pl.col("platform_text").fill_null("")),
    )


def title(match: Match) -> str:
    """Header that tells a row's platform, as the file writes it; empty when the file has none."""
    origin = match.table.columns.get("platform_text")
    names = [parts[0] for parts in origin.alternatives] if origin else []
    return next((match.title(name) for name in names if name in match.headers), "")


def _channel(text: str, words: Words) -> str | None:
    named = {channel for word, channel in words.platforms.items() if word.lower() in text.lower()}
    return named.pop() if len(named) == 1 else None


def by_channel(frame: pl.DataFrame, channel: Channel) -> tuple[tuple[str, pl.DataFrame], ...]:
    """Rows of each channel with its id, in the order in which the channels first appear."""
    if not channel.words.platforms:
        return ((channel.channel, frame),)
    parts = frame.partition_by("channel", maintain_order=True)
    return tuple((str(part["channel"][0]), part) for part in parts)


def without_known(own: Sequence[Assembled], others: Sequence[Assembled]) -> tuple[list[Assembled], int]:
    """``own`` platforms' exports and then the orders of ``others`` that they do not have; how many they had."""
    keys = ["channel", "order_no"]
    known = [one.orders.select(keys) for one in own]
    kept = list(own)
    again = 0
    for one in others:
        orders = one.orders.join(pl.concat(known), on=keys, how="anti", maintain_order="left") if known else one.orders
        again += one.orders.height - orders.height
        lines = one.lines.join(orders.select(keys), on=keys, how="semi", maintain_order="left")
        kept.append(replace(one, orders=orders, lines=lines))
    return kept, again
