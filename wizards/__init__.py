from . import complaint_reason
