# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Words found in the old complaint registers of companies, as data.

Words are separated by commas and compared without case, spaces and punctuation:
``Lot No.``, ``LOT-NO`` and ``lot no`` are one word. The first is the usual one.
"""


def _split(table):
    return {
        key: tuple(word.strip() for word in text.split(","))
        for key, text in table.items()
    }


# what is imported -> headers that mean it
HEADERS = _split(
    {
        "number": """
        客诉编号, 投诉编号, 编号, 客诉单号, 投诉单号, 抱怨编号, 案件编号, 单号,
        登记编号, 登记号, 受理编号, 流水号, Complaint No., Complaint Number,
        Complaint, Number, No., Case No., Case Number, CAR No., Reference,
        Beschwerdenummer, Reklamationsnummer, Reklamations-Nr., Reklamation
        """,
        "reported": """
        投诉日期, 客诉日期, 日期, 抱怨日期, 发生日期, 反馈日期, 反映日期, 投诉时间,
        客诉时间, 时间, 发现日期, 来电日期, Date, Complaint Date,
        Date of Complaint, Reported, Reported on, Report Date, First Reported,
        Datum, Reklamationsdatum, Gemeldet am
        """,
        "received": """
        登记日期, 接收日期, 收到日期, 收件日期, 接单日期, 登记时间, Received,
        Received on, Date Received, Registered on, Registration Date, Eingang,
        Eingangsdatum, Erfasst am
        """,
        "accepted": """
        受理日期, 受理时间, 立案日期, 编号日期, Accepted, Accepted on,
        Acceptance Date, Date Accepted, Angenommen am
        """,
        "state": """
        状态, 处理状态, 案件状态, 结案状态, 是否结案, 进度, 结案情况, State,
        Status, Stand
        """,
        "closed": """
        结案日期, 关闭日期, 完成日期, 结案时间, 完结日期, 销案日期, Closed,
        Closed on, Closing Date, Date Closed, Close Date, Completed on,
        Abgeschlossen am, Abschlussdatum
        """,
        "customer": """
        客户名称, 客户, 顾客, 顾客名称, 客户单位, 投诉单位, 公司名称, 厂商, 业主,
        业主姓名, Customer, Customer Name, Client, Account, Company, Kunde,
        Kundenname
        """,
        "customer_code": """
        客户代码, 客户编号, 客户代号, Customer Code, Customer No., Customer ID,
        Account No., Kundennummer, Kunden-Nr.
        """,
        "complainant": """
        投诉人, 联系人, 客户联系人, 抱怨人, 反映人, Complainant, Contact,
        Contact Person, Reported by, Ansprechpartner
        """,
        "phone": """
        电话, 联系电话, 手机, 联系方式, Phone, Telephone, Mobile, Telefon
        """,
        "address": "地址, 联系地址, Address, Adresse",
        "customer_reference": """
        客户投诉单号, 客户单号, Customer's Complaint No., Customer Complaint No.,
        Customer Reference, Your Reference, 8D No.
        """,
        "subject": "主题, 标题, 投诉主题, 案件名称, Subject, Title, Betreff",
        "content": """
        问题点, 不良情形, 投诉内容, 客诉内容, 抱怨内容, 不良现象, 不良内容,
        问题描述, 投诉事项, 异常描述, 不良状况, 客诉原因描述, 反映问题, 内容,
        投诉问题, Problem, Problem Description, Complaint Content, Description,
        Content, Symptom, Defect Description, Issue, Beschreibung, Fehlerbild,
        Mangel
        """,
        "order": """
        订单编号, 订单号, 订单, 合同号, 合同编号, 制造单号, 工单号, 生产单号,
        销售订单, 客户订单号, Order, Order No., Order Number, Sales Order, SO No.,
        PO No., Purchase Order, Contract No., Auftrag, Auftragsnummer,
        Bestellnummer
        """,
        "product_code": """
        料号, 品号, 产品编号, 产品代码, 物料编码, 物料号, 型号, 规格型号, 产品型号,
        机型, Part No., Part Number, P/N, Item No., Item, SKU, Product Code, Model,
        Artikelnummer, Artikel-Nr., Teilenummer
        """,
        "product": """
        品名, 产品名称, 产品, 货品名称, 物料名称, 商品名称, Product, Product Name,
        Item Name, Goods, Artikel, Produkt
        """,
        "lot": """
        批号, LOT NO., LOT, 生产批号, 批次, 批次号, 产品批号, Lot Number, Batch,
        Batch No., Batch Number, Charge, Chargennummer, Los
        """,
        "serials": """
        序列号, SN, S/N, 机身号, Serial No., Serial Number, Seriennummer
        """,
        "delivered_qty": """
        出货数量, 交货数量, 发货数量, 订单数量, 销售数量, 批量, Delivered,
        Delivered Qty, Delivery Quantity, Shipped Qty, Order Qty, Lot Size,
        Liefermenge
        """,
        "delivered_date": """
        出货日期, 交货日期, 发货日期, 送货日期, Ship Date, Shipped on,
        Delivery Date, Lieferdatum
        """,
        "claimed_qty": """
        数量, 投诉数量, 客诉数量, 抱怨数量, Quantity, Qty, Claimed Qty,
        Claimed Quantity, Complaint Qty, Menge, Reklamierte Menge
        """,
        "defective_qty": """
        不良数量, 不良数, 缺陷数量, 不合格数量, 不良品数, Defective Qty,
        Defect Qty, Defective, NG Qty, Rejected Qty, Fehlerhafte Menge
        """,
        "defect": """
        不良类型, 不良项目, 不良类别, 缺陷类型, 缺陷, 不良代码, Defect,
        Defect Type, Defect Code, Failure Mode, Fehlerart, Fehlercode
        """,
        "category": """
        投诉类别, 客诉类别, 投诉类型, 客诉类型, 类别, 类型, 分类, Category,
        Complaint Type, Type, Kategorie
        """,
        "severity": """
        严重程度, 严重度, 等级, 级别, Severity, Class, Schweregrad
        """,
        "channel": """
        投诉方式, 投诉渠道, 渠道, 受理方式, 来源, 反馈方式, Channel, Source,
        Received by Channel, Kanal, Eingangsart
        """,
        "demand": """
        客户要求, 顾客要求, 客户诉求, 处理要求, 投诉要求, Customer Demand, Demand,
        Customer Request, Requested Action, Forderung
        """,
        "department": """
        责任部门, 责任单位, 处理部门, 承办部门, 主办部门, 负责部门,
        Responsible Department, Department, Owner Department, Resp. Dept.,
        Abteilung, Verantwortliche Abteilung
        """,
        "handler": """
        负责人, 承办人, 经办人, 处理人, 责任人, 跟进人, Handler, Owner,
        Responsible, Assigned to, Bearbeiter, Verantwortlich
        """,
        "receiver": """
        受理人, 接收人, 登记人, 接待人, Received by, Registered by, Receiver,
        Erfasst von
        """,
        "cause": """
        原因, 原因分析, 不良原因, 发生原因, 真因, Cause, Root Cause,
        Cause Analysis, Ursache
        """,
        "countermeasure": """
        对策, 改善对策, 纠正措施, 改善措施, 处理对策, 预防措施, 纠正预防措施,
        整改措施, Countermeasure, Corrective Action, Action, Measures, Massnahme,
        Maßnahmen
        """,
        "result": """
        处理结果, 处理情况, 处理意见, 结果, 处理方式, 处理内容, 跟进结果, 解决方案,
        Result, Outcome, Handling Result, Resolution, Ergebnis
        """,
        "remark": "备注, 说明, 附注, Remark, Remarks, Note, Notes, Bemerkung",
        "ignore": """
        序号, 项次, 年份, 月份, 年, 月, Line, Row, Seq, #, Year, Month, 处理天数,
        天数, Days, Lfd. Nr.
        """,
    }
)

# phase of a complaint -> words in the state column
STATES = _split(
    {
        "draft": """
        登记, 已登记, 待受理, 未受理, 待处理, 新, 新建, 未处理, 草稿, draft, new,
        registered, received, to do, neu
        """,
        "accepted": """
        已受理, 受理, 已立案, 立案, 未结案, 未关闭, 未完成, 否, n, no, accepted,
        open, not closed, offen, angenommen
        """,
        "investigation": """
        处理中, 进行中, 调查中, 分析中, 跟进中, 办理中, 原因分析中, in progress,
        in process, ongoing, processing, investigation, under investigation, wip,
        pending, in bearbeitung
        """,
        "decision": """
        待核决, 待审批, 审批中, 待批, decision, to be decided, review
        """,
        "execution": """
        执行中, 实施中, 改善中, 整改中, execution, implementing, action
        """,
        "verification": """
        验证中, 待验证, 效果验证, 效果确认中, verification, verifying, monitoring
        """,
        "closed": """
        已结案, 结案, 已关闭, 关闭, 已完成, 完成, 已处理, 处理完毕, 完结, 已销案,
        销案, 是, ok, y, yes, closed, close, done, completed, complete, finished,
        resolved, solved, settled, abgeschlossen, geschlossen, erledigt
        """,
        "cancelled": """
        作废, 已作废, 取消, 已取消, 撤销, 已撤销, 撤诉, 不成立, 无效, cancelled,
        canceled, void, voided, withdrawn, invalid, rejected, storniert,
        zurückgezogen
        """,
    }
)

# severity -> words
SEVERITIES = _split(
    {
        "minor": "轻微, 一般, 次要, minor, low, normal, gering",
        "major": "严重, 重大, 主要, major, high, serious, hoch",
        "critical": "致命, 特别重大, 紧急, critical, fatal, kritisch",
    }
)

# what the customer wants -> words
DEMANDS = _split(
    {
        "return": "退货, 要求退货, 退回, return, return goods, rücksendung",
        "exchange": """
        换货, 更换, 调换, 退换, 退换货, exchange, replacement, umtausch
        """,
        "repair": "维修, 修理, 返修, repair, reparatur",
        "rework": "返工, 重工, 挑选, 全检, rework, sorting, nacharbeit",
        "allowance": """
        折让, 降价, 折扣, 扣款, allowance, discount, preisnachlass
        """,
        "compensation": """
        赔偿, 索赔, 补偿, 赔款, compensation, claim, schadenersatz
        """,
        "redelivery": """
        补货, 补发, 补送, 补交, redelivery, resupply, nachlieferung
        """,
        "explanation": """
        解释, 说明, 改善, 要求改善, 回复, 8d, 8d报告, 要求8d报告, explanation,
        8d report, improvement, stellungnahme
        """,
    }
)

# code of a channel (complaint_code) -> words
CHANNELS = _split(
    {
        "phone": "电话, 来电, 热线, phone, call, telephone, hotline, telefon",
        "email": "邮件, 电子邮件, 邮箱, email, e-mail, mail",
        "chat": "微信, qq, 在线, wechat, chat, online chat",
        "web": "网站, 网络, 网页, web, website, web form",
        "fax": "传真, fax",
        "letter": "信函, 来函, 书面, 信件, 函件, letter, written, brief",
        "visit": "来访, 上门, 到访, 前台, visit, besuch",
        "oral": "口头, 口述, oral, verbal, mündlich",
        "return": "退货, 退回, returned goods, return",
        "sms": "短信, sms",
        "authority": "政府, 消协, 12315, authority, association",
        "distributor": "经销商, 代理商, distributor, dealer, händler",
        "survey": "满意度调查, 调查, survey",
        "our_visit": "走访, 拜访, 回访, our visit",
    }
)

# the row under the table
TOTALS = ("合计", "总计", "小计", "总数", "total", "sum", "grand total", "summe")
