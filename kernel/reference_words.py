# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Words that say what the code behind them is (zh, en, de, ja).

Data only: a company that writes in another language adds words here. Latin words
match as whole words, other scripts as parts of the text. The order of the kinds is
without meaning; of two words that overlap, the longer one wins.
"""

ORDER, DELIVERY, INVOICE, LOT = "order", "delivery", "invoice", "lot"
COMPLAINT, OTHER = "complaint", "other"

HINTS = {
    ORDER: (
        "sales order|purchase order|order number|order no|order|so|po|p.o|p/o"
        "|bestellung|bestellnummer|bestell-nr|bestellnr|auftrag|auftragsnummer"
        "|auftrags-nr|auftragsnr|auftragsbestätigung|ab-nr|kommission|contract"
        "|订单|订单号|订单编号|訂單|采购单|採購單|采购订单|订货单|订购单|合同|合同号"
        "|合約|单号|注文|注文番号|注文書|発注|発注番号|受注|受注番号"
    ),
    DELIVERY: (
        "delivery|delivery note|delivery order|shipment|packing slip|packing list"
        "|dn|lieferung|lieferschein|lieferscheinnummer|lieferschein-nr|ls-nr|ls"
        "|送货单|送货单号|发货单|发货单号|出货单|出货单号|交货单|出库单|送貨單"
        "|出貨單|納品書|納品|納品番号|出荷|出荷番号|伝票"
    ),
    INVOICE: (
        "invoice|inv|bill|rechnung|rechnungsnummer|rechnungs-nr|re-nr"
        "|发票|发票号|發票|请款单|請求書|インボイス"
    ),
    LOT: (
        "lot|lot no|lots|batch|batches|batch no|charge|chargen|charge-nr"
        "|chargennummer|chargen-nr|chargennr|los|losnummer|los-nr|heat no"
        "|serial|serial no|serial number|serials|s/n|sn|seriennummer|seriennummern"
        "|serien-nr|fabriknummer|批号|批次|批次号|批號|批|炉号|生产批号|序列号"
        "|机号|机身号|产品编号|ロット|ロット番号|ロットNo|シリアル|シリアル番号"
        "|製造番号|製番"
    ),
    COMPLAINT: (
        "complaint|claim|ticket|case|reference|ref|reklamation|beanstandung"
        "|vorgang|mängelrüge|客诉|投诉|投诉号|客訴|抱怨|案件|受理号"
        "|クレーム|苦情|お問い合わせ"
    ),
    # What stands behind these is never one of our documents.
    OTHER: (
        "article|article no|art|art-nr|artnr|artikel|artikelnummer|artikel-nr|part"
        "|part no|part number|p/n|pn|item|item no|material|sku|model|type|typ"
        "|drawing|zeichnung|zeichnungsnummer|zeichnungs-nr|position|pos|rev"
        "|tel|phone|telephone|mobile|mob|fax|telefon|telefax|handy|whatsapp|wechat"
        "|qq|plz|zip|postcode|iban|bic|swift|blz|konto|account|vat|vat no|ust-id"
        "|ustid|ust-idnr|tax id|hrb|steuernummer|price|preis|betrag|amount|total"
        "|summe|wert|value|qty|quantity|menge|anzahl|stückzahl|date|datum|year|jahr"
        "|week|kw|woche|room|raum|page|seite|version|iso|din|en"
        "|customer no|customer number|customer id|vendor no|vendor number|vendor code"
        "|supplier no|supplier number|supplier code|kundennummer|kunden-nr|kundennr"
        "|kd-nr|lieferantennummer|lieferanten-nr|debitor|kreditor|personal-nr"
        "|tracking|tracking no|tracking number|waybill|awb|container|parcel"
        "|sendungsnummer|sendungs-nr|paketnummer|frachtbrief|trackingnummer"
        "|快递单号|快递|运单号|物流单号|退货单号|检验单号|报检单号|送检单号|工单号"
        "|客户编号|客户号|供应商编号|供应商代码|供应商号|身份证|工号|订货日期|发货日期"
        "|生产日期|到货日期|收货日期|送り状番号|追跡番号|顧客番号|仕入先コード"
        "|料号|物料|物料号|物料编码|品号|品名|图号|型号|规格|規格|品番|型番|図番"
        "|电话|電話|手机|传真|联系电话|微信|邮编|郵便番号|税号|账号|帐号|金额|单价"
        "|总价|数量|個数|日期|日付|年份|版本|页|頁|房间|标准|编码"
    ),
}

# Small words that may stand between the hint and its code.
CONNECTORS = frozenset(
    "no nr nos nrs num number numbers nummer nummern id is was ist war with under"
    " mit von vom of the der die das dem den our your ihre ihr ihrer unsere unser"
    " unserer through bis and und or oder as well sowie bzw a an to for für zu zur zum"
    " 号 號 至 到 编号 番号 no. nr. 为 是 和 及 与 と の は".split()
)

# A number with one of these behind it is a quantity, a price or a time.
UNITS = (
    "pcs|pc|pieces|stück|stk|st|kg|g|mg|t|mm|cm|m|km|µm|l|ml|bar|mpa|v|kv|a|ma|w|kw"
    "|hz|°c|c|h|hours|min|minutes|days|tage|stunden|eur|usd|cny|rmb|jpy|%|€|\\$|¥"
    "|units|sets|boxes|cartons|rolls|paletten|kartons|parts|teile"
    "|个|件|只|支|台|套|箱|卷|片|米|公斤|千克|吨|元|天|小时|分钟|点|年|月|日|时|個"
    "|本|枚|円|時|分|台|名"
)

# Mail domains that thousands of companies share: they say nothing about the sender.
PUBLIC_MAIL_DOMAINS = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com"
    " yahoo.co.jp yahoo.de ymail.com icloud.com me.com mac.com aol.com proton.me"
    " protonmail.com gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de"
    " freenet.de arcor.de mail.com mail.ru yandex.ru yandex.com qq.com foxmail.com"
    " vip.qq.com 163.com 126.com yeah.net vip.163.com sina.com sina.cn sohu.com"
    " aliyun.com 139.com 189.cn 21cn.com tom.com wo.cn docomo.ne.jp ezweb.ne.jp"
    " softbank.ne.jp naver.com daum.net hanmail.net zoho.com".split()
)
