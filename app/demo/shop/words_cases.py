"""What the team of the demo shop wrote about its cases, in the language of the customer they spoke with."""

from __future__ import annotations

Words = dict[str, tuple[str, ...]]

CONTACTS: dict[str, Words] = {
    "late": {
        "en": (
            "Apologised for the wait and gave a date that I checked with the depot.",
            "Very annoyed about the changing dates. Promised to call again when it is on the van.",
        ),
        "zh-Hans": ("为延误道歉，并与仓库核实了新的送达时间。", "客户对日期一再变动很不满，已答应装车后再打电话。"),
    },
    "delivery": {
        "en": ("Listened, apologised, asked for a photo of the box.", "Explained that we pay for it either way."),
        "zh-Hans": ("听客户讲完并致歉，请客户拍一张外箱照片。", "说明不管是谁的责任，损失都由我们承担。"),
    },
    "pickup": {
        "en": ("Called the pick-up point while the customer was on the line.",),
        "zh-Hans": ("客户在线时就联系了自提点。",),
    },
    "service": {
        "en": (
            "Rang back from my own line so that nobody has to queue again.",
            "Heard the whole story once, wrote it down.",
        ),
        "zh-Hans": ("用直线回拨，免得客户再排队。", "完整听了一遍，并作了记录。"),
    },
    "shopping": {
        "en": ("Went through the order page together, saw the same fault.",),
        "zh-Hans": ("和客户一起走了一遍下单流程，看到了同样的问题。",),
    },
    "returns": {
        "en": ("Looked up the parcel: it is in the hall, nobody had opened it.", "Said when the money will be there."),
        "zh-Hans": ("查到包裹已在仓库，只是没人拆。", "告知了退款到账的日期。"),
    },
    "product": {
        "en": ("Asked for a photo and the batch number.",),
        "zh-Hans": ("请客户提供照片和批次号。",),
    },
}

TRIED: Words = {
    "en": ("No answer, left a message.", "Wrote with my direct number.", "Rang out."),
    "zh-Hans": ("无人接听，已留言。", "发了邮件，留了直线电话。", "一直没人接。"),
}

CAUSE_NOTES: dict[str, dict[str, str]] = {
    "en": {
        "it_system": "The new warehouse program had old addresses; the fault is reported with two examples.",
        "knowledge": "The page we all read from is out of date.",
        "design": "It is made like this; nobody has done anything wrong.",
        "process": "Between two teams, and neither sees that it is theirs.",
        "policy": "Our own rule left no room to help.",
        "staffing": "Two people for what needs four at that hour.",
        "incentive": "Calls are counted by the minute, so they are kept short.",
        "communication": "We knew and did not tell.",
        "partner": "Spoke with the partner's dispatcher, who confirms it.",
        "external": "The storm had closed the road.",
        "unknown": "Could not be found out without the customer.",
    },
    "zh-Hans": {
        "it_system": "新仓库系统里还是旧地址，已附两个例子报修。",
        "knowledge": "大家照着念的那一页早就过时了。",
        "design": "设计就是这样，没有谁做错。",
        "process": "卡在两个部门之间，谁都以为不归自己管。",
        "policy": "是我们自己的规定没有留余地。",
        "staffing": "那个时段要四个人，只排了两个。",
        "incentive": "通话按分钟考核，所以都讲得很短。",
        "communication": "我们早知道，却没有告诉客户。",
        "partner": "已与合作伙伴的调度核实，情况属实。",
        "external": "台风封路。",
        "unknown": "联系不上客户，无法查明。",
    },
}

ACTIONS: dict[str, Words] = {
    "late": {
        "en": (
            "Refunded the delivery and had it brought the same evening.",
            "Put the order on the first van of the next day and took ten per cent off.",
            "Corrected the address in the warehouse program and sent it by courier.",
        ),
        "zh-Hans": (
            "退还运费，当晚送达。",
            "安排次日首班车配送，并减免一成货款。",
            "更正仓库系统中的地址，改用专人配送。",
        ),
    },
    "delivery": {
        "en": (
            "Sent a new one and had the broken one collected.",
            "Found the parcel and had it brought to the right door.",
            "Sent the missing box by courier.",
        ),
        "zh-Hans": ("补发新品，并上门取回破损件。", "找回包裹，重新送到客户手上。", "用快递补发缺少的那一箱。"),
    },
    "pickup": {
        "en": ("Had the parcel brought home free of charge and corrected the opening hours.",),
        "zh-Hans": ("免费改为送货上门，并更正了营业时间。",),
    },
    "service": {
        "en": (
            "Did it myself, start to end, and confirmed it in writing.",
            "Paid out what the first call should have.",
        ),
        "zh-Hans": ("从头到尾亲自办好，并书面确认。", "补办了第一次来电就该办的赔付。"),
    },
    "shopping": {
        "en": (
            "Placed the order by hand, refunded the double payment.",
            "Had the page corrected, gave the voucher back.",
        ),
        "zh-Hans": ("人工下单，并退回重复扣款。", "页面已更正，优惠券已补发。"),
    },
    "returns": {
        "en": ("Released the refund today, delivery cost included.", "Let the customer keep it; refunded in full."),
        "zh-Hans": ("当天放款，运费一并退还。", "商品留给客户，全额退款。"),
    },
    "product": {
        "en": ("Sent the right part with a fitter.", "Took it back and refunded it."),
        "zh-Hans": ("寄出正确配件，并安排师傅上门。", "已退货并全额退款。"),
    },
}

ENDS: dict[str, Words] = {
    "confirmed": {
        "en": ("Rang to ask: all is well.", "Confirmed by mail.", "Content, will order again."),
        "zh-Hans": ("回访：一切正常。", "客户邮件确认。", "客户满意，表示会再来。"),
    },
    "no_objection": {
        "en": ("No word since; closed after the five days.",),
        "zh-Hans": ("五个工作日内未再联系，结案。",),
    },
    "unreachable": {
        "en": ("Could not be reached; wrote how to come back to us.",),
        "zh-Hans": ("始终联系不上，已写信告知如何再找我们。",),
    },
    "rejected": {
        "en": ("Was about another shop's order.",),
        "zh-Hans": ("说的是另一家店的订单。",),
    },
    "reopened": {
        "en": ("The new one has the same fault.", "The refund has still not arrived."),
        "zh-Hans": ("换来的还是同样的问题。", "退款还没有到账。"),
    },
}
