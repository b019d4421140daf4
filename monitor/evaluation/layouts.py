"""The layouts in which the nation's files are written: official publications and local extracts, row by row.

Columns are those of the publications (domain.md §1 and the pages it cites); what the nation does not
have is left as the publication leaves it: NA in the staff survey, 0 in KO41a.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from monitor.model import Organisation, PeerGroup, Period

REGION_CODES = {
    "London": "Y56", "South West": "Y58", "South East": "Y59", "Midlands": "Y60", "East of England": "Y61",
    "North West": "Y62", "North East and Yorkshire": "Y63",
}  # fmt: skip
TYPES = {
    PeerGroup.ACUTE: "Acute",
    PeerGroup.MENTAL_HEALTH: "Mental Health",
    PeerGroup.COMMUNITY: "Community Provider Trust",
    PeerGroup.AMBULANCE: "Ambulance",
}
BENCHMARK_GROUPS = {
    PeerGroup.ACUTE: "Acute and Acute & Community Trusts",
    PeerGroup.MENTAL_HEALTH: (
        "Mental Health & Learning Disability and Mental Health, Learning Disability & Community Trusts"
    ),
    PeerGroup.COMMUNITY: "Community Trusts",
    PeerGroup.AMBULANCE: "Ambulance Trusts",
}

EXTRACT = "source,organisation,indicator,start,end,key,revision,published,numerator,denominator,value,respondents"
SICKNESS = (
    "DATE,NHSE_REGION_CODE,NHSE_REGION_NAME,ICS_CODE,ICS_NAME,ORG_CODE,ORG_NAME,ORG_TYPE,"
    "FTE_DAYS_LOST,FTE_DAYS_AVAILABLE,SICKNESS_ABSENCE_RATE_PERCENT"
)
PULSE = "period,org_code,responses,eligible,motivation,involvement,advocacy,engagement"
INCIDENTS = (
    "Reference,Revision,Deleted,EntityId,T005,SubmissionDate,OccurredOrganisationCode,CL001,OT001,OT002,RI003,"
    "IsAnonymous,RiskTheme"
)
COVERAGE = "organisation,from,through"

SURVEY_ITEMS = {
    "burnout_share": "Burned_out",
    "stress_share": "Stress",
    "manager_bullying_share": "Emotional_manager",
    "colleague_discrimination_share": "Discrimination_internal",
    "enough_staff_share": "Enough_staff",
}
SURVEY_COLUMNS = (
    "ODS code", "Year", "Organisation name", "Benchmarking group", "Region", "ICS/STP", "Weighting",
    "Autonomy_base", "Autonomy_rate", "Burned_out_base", "Burned_out_ever_rate", "Burned_out_rate",
    "Burned_out_response_rate", "Burned_out_sometimes_rate", "Discrimination_internal_base",
    "Discrimination_internal_rate", "Discrimination_public_base", "Discrimination_public_rate",
    "Emotional_colleagues_base", "Emotional_colleagues_rate", "Emotional_manager_base", "Emotional_manager_rate",
    "Emotional_public_base", "Emotional_public_rate", "Emotionally_exhausting_base", "Emotionally_exhausting_rate",
    "Enough_staff_base", "Enough_staff_rate", "Frustration_base", "Frustration_rate", "ICS", "Mastery_base",
    "Mastery_meaning_rate", "Physical_colleagues_base", "Physical_colleagues_rate", "Physical_manager_base",
    "Physical_manager_rate", "Physical_public_base", "Physical_public_rate", "Respondents", "Stress_base",
    "Stress_rate", "Time_demands_meet_base", "Time_demands_meet_rate",
)  # fmt: skip

SERVICES = (
    "Ambulance", "Inpatient", "Outpatient", "Emergency", "Other_Community_Healthcare", "Commissioning",
    "Mental_Health", "Maternity", "Other",
)  # fmt: skip
TREATMENTS = (
    "Accident_And_Emergency", "Anaesthetics", "Clinical_Oncology", "Dental_Group", "General_Medicine_Group",
    "Obstetrics_And_Gynaecology", "Paediatric_Group", "Pathology_Group", "PHM_And_CHS_Group", "Psychiatry_Group",
    "Radiology_Group", "Surgical_Group",
)  # fmt: skip
SUBJECTS = (
    "Access_To_Treatment_Or_Drugs", "Admissions_Discharge_And_Transfers", "Appointments", "Commissioning_Services",
    "Communications", "Consent_To_Treatment", "End_Of_Life_Care", "Facilities_Services", "Integrated_Care",
    "Patient_Care_Including_Nutrition_Hydration", "Mortuary_And_Post_Mortem_Arrangements", "Prescribing_Errors",
    "Privacy_Dignity_And_Wellbeing", "Restraint", "Staffing_Numbers", "Transport", "Trust_Administration",
    "Values_And_Behaviours", "Waiting_Times", "Other",
)  # fmt: skip
PROFESSIONS = (
    "Medical", "Dental", "Nursing", "Midwifery", "Health_Visiting_Staff", "Scientific_Therapeutic_And_Technical",
    "Ambulance", "Support_To_Clinical_Staff", "NHS_Infrastructure_Support", "Other", "Total",
)  # fmt: skip
KO41A_COLUMNS = (
    "Year", "NHS_England_Region_Code", "NHS_England_Region_Name", "ICS_Code", "ICS_Name", "Organisation_Code",
    "Organisation_Name", "Organisation_Type", "Complaints_Total_Brought_Forward", "Complaints_Total_New",
    "Complaints_Total_Resolved", "Complaints_Number_Upheld", "Complaints_Number_Partially_Upheld",
    "Complaints_Number_Not_Upheld", "Complaints_Total_Carried_Forward",
    *(f"Age_{band}" for band in ("0_5", "6_17", "18_25", "26_55", "56_64", "65_74", "75_And_Over", "Unknown", "Total")),
    *(f"Status_{who}" for who in ("Patient", "Parent", "Guardian", "Carer", "Other", "Total")),
    *(f"Service_{service}" for service in (*SERVICES, "Total")),
    *(f"Clinical_Treatment_{group}" for group in (*TREATMENTS, "Sub_Total")),
    *(f"Subject_Area_{subject}" for subject in (*SUBJECTS, "Sub_Total", "Total")),
    *(f"Profession_{profession}" for profession in PROFESSIONS),
)  # fmt: skip


def line(values: Sequence[object]) -> str:
    """Give one CSV row, quoted where it must be, without its line end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()


def number(value: float) -> str:
    """Give a figure as systems export it: no needless zeros, at most six decimals.

    >>> number(12.0), number(3.25), number(1234567.5)
    ('12', '3.25', '1234567.5')
    """
    return f"{value:.6f}".rstrip("0").rstrip(".")


def extract_row(
    code: str,
    indicator: str,
    period: Period,
    published: date,
    numerator: float | None,
    denominator: float,
    revision: int = 0,
) -> str:
    """Give one figure of the project's own extract layout; without numerator it brings exposure alone."""
    above, below = "" if numerator is None else number(numerator), number(denominator)
    return f"local,{code},{indicator},{period[0]},{period[1]},,{revision},{published},{above},{below},,"


def sickness_row(organisation: Organisation, period: Period, lost: float, available: float) -> str:
    """Give one organisation's month as NHS Sickness Absence Rates publishes it; DATE is the month's last day."""
    figures = (f"{lost:.5f}", f"{available:.5f}", f"{100 * lost / available:.2f}")
    return sickness_line(period, (*_region(organisation), *_name(organisation)), figures)


def hidden_sickness_row(organisation: Organisation, period: Period, mark: str) -> str:
    """Give a month that is not shown because few people work there: the same mark in all three figures."""
    return sickness_line(period, (*_region(organisation), *_name(organisation)), (mark, mark, mark))


def sickness_line(period: Period, body: Sequence[str], figures: Sequence[str]) -> str:
    """Give one row of the publication: where (four cells) and who (code, name, type), and the three figures."""
    return line(((period[1] - timedelta(days=1)).strftime("%d/%m/%Y"), *body, *figures))


def pulse_row(code: str, period: Period, answers: float, eligible: float, scores: Mapping[str, float]) -> str:
    """Give one wave of the pulse, named by the month in which it was asked (April, July, January)."""
    asked = period[1] - timedelta(days=1)
    means = [f"{scores[f'{item}_score']:.2f}" for item in ("motivation", "involvement", "advocacy", "engagement")]
    return line((f"{asked:%Y-%m}", code, number(answers), number(eligible), *means))


def survey_row(organisation: Organisation, period: Period, items: Mapping[str, tuple[float, float]]) -> str:
    """Give one organisation's autumn of the NHS Staff Survey; items map to (who said so, respondents)."""
    cells = dict.fromkeys(SURVEY_COLUMNS, "NA")
    cells |= {"ODS code": organisation.code, "Year": str(period[1].year), "Organisation name": organisation.name}
    cells |= {"Region": organisation.region or "-", "Weighting": "Occupation Group", "ICS/STP": "-"}
    cells["Benchmarking group"] = BENCHMARK_GROUPS[_group(organisation)]
    for key, (some, base) in items.items():
        cells[f"{SURVEY_ITEMS[key]}_base"], cells[f"{SURVEY_ITEMS[key]}_rate"] = (
            number(base),
            f"{100 * some / base:.13f}",
        )
        cells["Respondents"] = number(base)
    return line([cells[column] for column in SURVEY_COLUMNS])


def complaints_row(organisation: Organisation, period: Period, new: int, subjects: int, conduct: int) -> str:
    """Give one organisation's year as KO41a publishes it, from its sums of months."""
    forward, resolved = round(new * 0.15), round(new * 0.95)
    upheld, partly = round(resolved * 0.19), round(resolved * 0.25)
    kinds = "Values_And_Behaviours", "Communications", "Privacy_Dignity_And_Wellbeing"
    split = {kinds[0]: conduct // 4, kinds[1]: conduct - conduct // 4 - conduct // 10, kinds[2]: conduct // 10}
    cells: dict[str, object] = dict.fromkeys(KO41A_COLUMNS, 0)
    heads = (f"{period[0].year}-{period[1].year % 100:02d}", *_region(organisation), *_name(organisation))
    cells |= dict(zip(KO41A_COLUMNS[:8], heads, strict=True))
    cells |= {
        "Complaints_Total_Brought_Forward": forward,
        "Complaints_Total_New": new,
        "Complaints_Total_Resolved": resolved,
        "Complaints_Number_Upheld": upheld,
        "Complaints_Number_Partially_Upheld": partly,
        "Complaints_Number_Not_Upheld": resolved - upheld - partly,
        "Complaints_Total_Carried_Forward": forward + new - resolved,
    }
    cells |= {f"Subject_Area_{kind}": some for kind, some in split.items()}
    cells |= {
        "Subject_Area_Other": subjects - conduct,
        "Subject_Area_Sub_Total": subjects,
        "Subject_Area_Total": subjects,
    }
    for part, whole in (
        ("Age_Unknown", new),
        ("Status_Patient", new),
        ("Service_Other", new),
        ("Profession_Other", new),
    ):
        cells |= {part: whole, f"{part.split('_')[0]}_Total": whole}
    return line(list(cells.values()))


def _region(organisation: Organisation) -> tuple[str, str, str, str]:
    region = organisation.region or ""
    return REGION_CODES[region], region, f"Q{REGION_CODES[region]}", f"{region} Integrated Care Board"


def _name(organisation: Organisation) -> tuple[str, str, str]:
    return organisation.code, organisation.name, TYPES[_group(organisation)]


def _group(organisation: Organisation) -> PeerGroup:
    assert organisation.peer_group is not None  # made ones all have one
    return organisation.peer_group
