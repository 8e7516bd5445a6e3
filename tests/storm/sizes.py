# SPDX-License-Identifier: GPL-2.0-only
"""How large the storms are: run sets what it was asked for."""

SIZES = {
    'seed': (1, 'of all chance'),
    'cycles': (1000, 'of loading and unloading'),
    'clients': (64, 'at the same time'),
    'deaths': (1000, 'of clients'),
    'processes': (1000, 'under watch'),
    'forks': (2000, 'of bombs, each of which brings up to 14 more'),
    'pids': (100, 'that a bomb may have at the same time'),
    'unloads': (10, 'during each storm'),
}
seed, cycles, clients, deaths, processes, forks, pids, unloads = (size for size, _ in SIZES.values())
