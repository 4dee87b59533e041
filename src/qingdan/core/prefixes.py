"""Names with which a text may begin, looked up for a whole column at once."""

from dataclasses import dataclass
from typing import Final

import polars as pl

HEAD: Final = 2
"""Code points of a name's beginning by which candidates are looked up; no name is shorter."""


@dataclass(frozen=True, slots=True)
class Prefixes:
    """Words to look up, by row number; ``wide`` has for each key its words, longest first, and their numbers."""

    rows: pl.DataFrame
    wide: pl.DataFrame
    keys: list[str]
    width: int

    @classmethod
    def of(cls, table: pl.DataFrame, *, by_parent: bool = True) -> "Prefixes":
        """Prepare ``word name code bare`` (and ``parent``, under which alone a word may then be found)."""
        keys = ["parent", "head"] if by_parent else ["head"]
        rows = (
            table.filter(pl.col("word").str.len_chars() >= HEAD)
            .with_columns(head=pl.col("word").str.slice(0, HEAD), size=pl.col("word").str.len_chars())
            .sort("size", descending=True, maintain_order=True)
            .with_columns(rank=pl.int_range(pl.len()).over(keys))
            .with_row_index("number")
        )
        width = rows["rank"].n_unique()
        wide = rows.filter(pl.col("rank") == 0).select(*keys, word0="word", number0="number")
        for rank in range(1, width):
            nth = rows.filter(pl.col("rank") == rank).select(
                *keys, pl.col("word").alias(f"word{rank}"), pl.col("number").alias(f"number{rank}")
            )
            wide = wide.join(nth, on=keys, how="left", maintain_order="left")
        return cls(rows, wide, keys, width)

    def begin(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add ``hit_name``, ``hit_code``, ``hit_size``, ``hit_bare``: the longest word with which ``rest`` begins."""
        first = self.wide.select(*self.keys, "word0", "number0", more=self._is_more())
        heads = frame.select("rest", *self.keys[:-1], head=pl.col("rest").str.slice(0, HEAD))
        looked = heads.join(first, on=self.keys, how="left", maintain_order="left").select(
            pl.when(pl.col("rest").str.starts_with(pl.col("word0"))).then("number0").alias("hit"), "more"
        )
        found = looked["hit"]
        # Few beginnings have more words than one, so the others are tried in these rows only.
        left = (looked["more"] & found.is_null()).fill_null(value=False)
        if left.any():
            others = heads.filter(left).join(self.wide, on=self.keys, how="left", maintain_order="left")
            found = found.scatter(left.arg_true(), others.select(self._among_others()).to_series())
        hit = self.rows.select(pl.col("name", "code", "size", "bare").gather(found).name.prefix("hit_"))
        return frame.with_columns(hit)

    def _is_more(self) -> pl.Expr:
        return pl.col("word1").is_not_null() if self.width > 1 else pl.lit(value=False)

    def _among_others(self) -> pl.Expr:
        return pl.coalesce(
            pl.when(pl.col("rest").str.starts_with(pl.col(f"word{rank}"))).then(f"number{rank}")
            for rank in range(1, self.width)
        )
