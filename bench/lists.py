"""How long a long list takes to come in: bench.import_rows in a process of its own."""

from bench import site

ROWS = 100_000
FEW_ROWS = 2_000


def run(*, short: bool) -> bool:
    rows = FEW_ROWS if short else ROWS
    print(f"\nimport: {rows:,} rows", flush=True)
    with site.servers() as running:
        env = site.environment(running, "bench_lists") | running.superuser_environment()
        return site.succeeds(env, "-m", "bench.import_rows", f"--rows={rows}")
