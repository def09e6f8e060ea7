from . import complaint_deadline_change
from . import complaint_form_print
from . import complaint_reason
from . import complaint_register_print
from . import complaint_transfer
from . import complaint_register_import
from . import complaint_register_loader
from . import complaint_register_reader
