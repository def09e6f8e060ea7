# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The shipped limits as a person reads them in the procedures, worked out by hand.

All times are UTC; the company is in Shanghai, eight hours ahead, and works from
Monday to Friday, 8-12 and 13-17. Wednesday 8 July 2026 is a public holiday.

    preset_requirement: start (task or 8D) when -> due, event that meets it
        time and person of every level of the escalation, in order
        where what is special about the complaint

A start or event ``code:kind`` is an opinion of that kind or a task of that step. Days
are those of July where no month is given.
"""

import re
from dataclasses import dataclass

STARTS = {
    # Monday, 9:00 in Shanghai
    "MON": "2026-07-06 01:00:00",
    # Friday, 17:30 in Shanghai: the week is over
    "FRI": "2026-07-10 09:30:00",
}

_TABLE = """
m1_r252: registered MON -> 06 06:00 opinion_signed:business_opinion
    06 05:00 handler, 06 06:00 department_manager
m1_r253: investigated FRI -> 13 15:59:59 opinion_signed:cause
    12 15:59:59 handler, 13 15:59:59 gm_office
m1_r254: released_to_negotiate MON -> 07 09:00 negotiated
    07 07:00 handler, 07 09:00 gm_office
m1_r255: negotiated FRI -> 11 15:59:59 synthesised
    11 07:59:59 handler, 11 15:59:59 gm_office
m1_r256: accepted MON -> 21 15:59:59 closed
    18 15:59:59 handler, 21 15:59:59 gm_office
m1_r257: accepted MON -> 26 15:59:59 closed
    23 15:59:59 handler, 26 15:59:59 gm_office
    where complaint_is_overseas=True
m1_r258: dispatched (task,1) MON -> 10 09:00 dispatch_done
    09 09:00 handler, 10 09:00 gm_office
m1_r261: decided MON -> 08-05 15:59:59 executed
    31 15:59:59 handler, 08-05 15:59:59 business_manager
    where complaint_established=no

m2_r250: registered MON -> 06 06:00 dispatched
    06 01:00 business_manager, 06 01:00 quality, 06 01:00 production, 06 06:00
    department_manager
m2_r245: registered FRI -> 10 11:30 acknowledged
    10 11:00 handler, 10 11:30 department_manager
m2_r246: registered FRI -> 11 09:30 solution_given
    11 05:30 handler, 11 09:30 department_manager
m2_r291: registered FRI -> 11 09:30 acknowledged
    11 05:30 handler, 11 09:30 department_manager
    where channel=letter
m2_r248: dispatched:handle MON -> 09 09:00 on_site
    09 05:00 handler, 09 09:00 business_manager
m2_r249: dispatched:handle MON -> 11 15:59:59 opinion_signed:handling_opinion
    10 15:59:59 handler, 11 15:59:59 business_manager
    where complaint_is_out_of_province=True
m2_r273: registered FRI -> 11 09:30 accepted
    10 09:30 supervisor, 10 09:30 quality, 11 05:30 handler, 11 09:30 supervisor
m2_r274: visit_decided FRI -> 12 09:30 on_site
    12 01:30 handler, 12 09:30 supervisor
m2_r310: visit_decided FRI -> 11 09:30 on_site
    11 05:30 handler, 11 09:30 department_manager
m2_r276: registered MON -> 14 09:00 executed
    13 09:00 handler, 14 09:00 department_manager

m3_r305: registered FRI -> 10 09:45 dispatched
    10 09:30 after_sales, 10 09:40 handler, 10 09:45 business_manager
m3_r306: dispatched:emergency FRI -> 10 10:30 acknowledged
    10 10:15 handler, 10 10:30 product_head
m3_r307: dispatched:emergency FRI -> 10 13:30 solution_given
    10 12:30 handler, 10 13:30 product_head
m3_r308: dispatched:emergency MON -> 10 09:00 result_given
    09 09:00 handler, 10 09:00 product_head
m3_r309: dispatched:judge (task,1) MON -> 07 09:00 assessed
    07 07:00 handler, 07 09:00 quality_manager
m3_r301: eightd_received (eightd,1) FRI -> 11 09:30 containment_sent
    11 05:30 handler, 11 09:30 quality_manager
m3_r302: eightd_received (eightd,1) MON -> 14 09:00 longterm_sent
    13 09:00 handler, 14 09:00 quality_manager

pm_r311: registered FRI -> 10 09:35 dispatched
    10 09:30 department_manager, 10 09:30 supervisor, 10 09:33 handler, 10 09:35
    supervisor
pm_r312: dispatched:handle (task,1) FRI -> 10 21:30 dispatch_done
    10 19:30 handler, 10 21:30 handler, 10 21:30 department_manager
pm_r313: dispatched:handle (task,1) FRI -> 11 09:30 progress_reported
    11 05:30 handler, 11 09:30 supervisor
pm_r314: registered FRI -> 11 09:30 executed
    11 05:30 handler, 11 09:30 supervisor, 11 09:30 department_manager
pm_r315: dispatched:handle (task,1) MON -> 06 09:00 progress_reported
    06 08:00 handler, 06 09:00 first_contact, 06 09:00 supervisor
pm_r316: reviewed MON -> 06 15:59:59 called_back
    06 01:00 first_contact, 06 15:59:59 supervisor
pm_r317: visit_decided FRI -> 10 21:30 called_back
    10 19:30 handler, 10 21:30 supervisor
pm_r296: registered FRI -> 10 09:45 on_site
    10 09:40 handler, 10 09:45 department_manager
    where complaint_severity=critical, complaint_nature=repair
pm_r297: registered FRI -> 10 09:50 on_site
    10 09:45 handler, 10 09:50 department_manager
    where complaint_nature=repair
pm_r298: registered MON -> 07 09:00 executed
    07 07:00 handler, 07 09:00 department_manager
    where complaint_nature=repair
pm_r299: registered MON -> 08-05 15:59:59 executed
    31 15:59:59 handler, 31 15:59:59 department_manager, 08-05 15:59:59
    department_manager
    where complaint_nature=repair

med_r295: assessed MON -> 11 15:59:59 authority_reported
    10 15:59:59 handler, 11 15:59:59 quality_manager, 11 15:59:59
    management_representative
    where complaint_nature=adverse_event

gas_r289: accepted FRI -> 10 17:30 solution_given
    10 16:30 handler, 10 17:30 station_manager
gas_r288: accepted MON -> 09 15:59:59 customer_informed
    08 01:00 handler, 09 15:59:59 general_manager
gas_r271: assessed MON -> 07 09:00 opinion_signed:instruction
    06 01:00 department_manager, 07 09:00 general_manager
    where complaint_severity=major
gas_r290: registered MON -> 07 09:00 opinion_signed:instruction
    06 01:00 general_manager, 07 09:00 department_manager
    where complaint_is_major=True

con_r251: registered MON -> 07 09:00 opinion_signed:instruction
    06 01:00 general_manager, 06 01:00 management_representative, 07 09:00
    department_manager
    where complaint_is_major=True

law_r464: accepted MON -> 07 09:00 customer_informed
    07 07:00 handler, 07 09:00 partner
law_r328: registered MON -> 14 09:00 decided
    06 01:00 partner, 13 09:00 handler, 14 09:00 partner
    where complaint_is_major=True
law_r338: customer_rejected MON -> 07 09:00 customer_informed
    07 07:00 handler, 07 09:00 partner

lab_r304: registered MON -> 06 06:00 assessed
    06 01:00 quality_director, 06 06:00 department_manager

tec_r282: registered MON -> 07 09:00 opinion_signed:instruction
    06 01:00 general_manager, 07 09:00 department_manager
    where complaint_is_major=True
tec_r284: registered FRI -> 11 09:30 progress_reported
    11 05:30 handler, 11 09:30 department_manager
    where complaint_severity=critical

gen_r242: registered FRI -> 11 09:30 acknowledged
    11 05:30 handler, 11 09:30 supervisor
    where channel=phone
gen_r243: registered FRI -> 12 09:30 acknowledged
    12 01:30 handler, 12 09:30 supervisor
    where channel=email
gen_r244: registered FRI -> 10 09:35 acknowledged
    10 09:33 handler, 10 09:35 supervisor
    where channel=chat
gen_r303: registered MON -> 16 09:00 solution_given
    15 09:00 handler, 16 09:00 supervisor
gen_r329: registered MON -> 07 09:00 opinion_signed:instruction
    06 01:00 department_manager, 07 09:00 supervisor
    where complaint_is_key_customer=True
gen_r330: registered MON -> 06 06:00 investigated
    06 01:00 department_manager, 06 06:00 supervisor
    where channel=visit
gen_r284: registered FRI -> 11 09:30 progress_reported
    11 05:30 handler, 11 09:30 department_manager
    where complaint_severity=critical
gen_r262: registered FRI -> 10 13:30 visit_decided
    10 12:30 handler, 10 13:30 supervisor
    where complaint_nature=enquiry
gen_r264: registered FRI -> 11 09:30 solution_given
    11 05:30 handler, 11 09:30 supervisor
    where channel=phone
gen_r265: dispatched (task,1) FRI -> 10 13:30 customer_progress_told
    10 12:30 handler, 10 13:30 supervisor
gen_r266: executed MON -> 10 09:00 called_back
    09 09:00 handler, 10 09:00 supervisor
gen_r267: registered FRI -> 11 09:30 solution_given
    10 09:30 department_manager, 11 05:30 handler, 11 09:30 supervisor
    where channel=visit
"""
_HEAD = re.compile(
    r"(\w+): ([\w:]+)(?: \((.+)\))? (MON|FRI) -> ([-\d]+ [\d:]+) ([\w:]+)"
)
_REGISTERED = ("reported", "registered")


@dataclass(frozen=True)
class Walk:
    """One row of the table; `start` is empty where the registration starts it."""

    line: str
    start: str
    scope: str
    at: str
    due: str
    met: str
    told: tuple
    vals: dict

    @property
    def preset(self):
        return self.line.partition("_")[0]


def _full_time(text):
    day, hour = text.split()
    day = day if "-" in day else f"07-{day}"
    return f"2026-{day} {hour}{'' if hour.count(':') == 2 else ':00'}"


def _read_value(text):
    name, _equals, value = text.strip().partition("=")
    return name, {"True": True}.get(value, value)


def _read(text):
    for entry in re.split(r"\n(?=\w)", text.strip()):
        head, _newline, rest = entry.partition("\n")
        line, start, scope, at, due, met = _HEAD.fullmatch(head).groups()
        told, _where, vals = " ".join(rest.split()).partition("where ")
        people = [part.strip().rpartition(" ") for part in told.split(",")]
        yield Walk(
            line=line,
            start="" if start in _REGISTERED else start,
            scope=scope or "",
            at=STARTS[at],
            due=_full_time(due),
            met=met,
            told=tuple(
                (number, _full_time(when), who)
                for number, (when, _space, who) in enumerate(people, 1)
            ),
            vals=dict(map(_read_value, vals.split(","))) if vals else {},
        )


WALKS = list(_read(_TABLE))
