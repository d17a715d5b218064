# In which file each figure is drawn.

from .activity_spectrum import activity_spectrum_figure as activity_spectrum_figure
from .brunel_states import brunel_states_figure as brunel_states_figure
from .compare import (
    compare_figure as compare_figure,
)
from .compare import (
    rate_network_figure as rate_network_figure,
)
from .compare import (
    spiking_figure as spiking_figure,
)
from .constraints import constraints_figure as constraints_figure
from .deviation import deviation_figure as deviation_figure
from .error_budget import (
    budget_along_figure as budget_along_figure,
)
from .error_budget import (
    waterfall_figure as waterfall_figure,
)
from .error_budget import (
    waterfalls_figure as waterfalls_figure,
)
from .explorer import explorer_figure as explorer_figure
from .finite_size import finite_size_figure as finite_size_figure
from .mean_field import bifurcation_figure as bifurcation_figure
from .mean_field import phase_plane_figure as phase_plane_figure
from .microcircuit import microcircuit_figure as microcircuit_figure
from .phase_diagram import (
    phase_diagram_figure as phase_diagram_figure,
)
from .phase_diagram import (
    stationary_states_figure as stationary_states_figure,
)
from .spectrum_size import spectrum_size_figure as spectrum_size_figure
from .state import state_figure as state_figure
from .trains import trains_figure as trains_figure
from .validity import validity_line_figure as validity_line_figure
from .validity import validity_map_figure as validity_map_figure
