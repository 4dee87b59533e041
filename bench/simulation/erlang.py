"""The textbook's answer for people who all do the same work without breaks."""

from math import factorial


def mean_wait(arrivals: float, service: float, people: int) -> float:
    """Mean wait of M/M/c (Erlang C), in the unit of 1/``arrivals``; ``service`` orders a person a unit of time."""
    load = arrivals / service
    top = load**people / factorial(people) * people / (people - load)
    waits = top / (sum(load**n / factorial(n) for n in range(people)) + top)
    return waits / (people * service - arrivals)
