from . import complaint_deadline_report
from . import complaint_form_photos
from . import complaint_print_tools
from . import complaint_form_document
from . import complaint_form_report
from . import complaint_register_document
from . import complaint_register_report
from . import complaint_register_xlsx
