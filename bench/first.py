"""How soon a page has first figures of a region: bench.first_figures in a process of its own."""

from bench import site


def run(*, short: bool) -> bool:
    print("\nfirst: one region, from claim to figures", flush=True)
    with site.servers() as running:
        env = site.environment(running, "bench_first") | running.superuser_environment()
        runs = "--runs=1" if short else "--runs=3"
        return site.succeeds(env, "-m", "bench.first_figures", runs)
