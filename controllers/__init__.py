from . import eightd
from . import helpdesk
from . import portal
