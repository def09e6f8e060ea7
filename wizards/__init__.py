from . import complaint_reason
from . import complaint_transfer
