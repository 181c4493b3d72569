"""What the shop calls its own things where it works in Chinese; the keys are the names in English (setting.py)."""

from __future__ import annotations

CHINESE = {
    "Shop and app": "商城与应用",
    "Call centre": "客服中心",
    "Logistics planning": "物流规划",
    "Order desk": "订单处理",
    "Returns": "退货",
    "Assortment": "商品",
    "From the wish to the sofa": "从心动到入座",
    "Choosing": "挑选",
    "Ordering": "下单",
    "Receiving": "收货",
    "Living with it": "使用",
    "Help": "求助",
    "Finding things in the app": "在应用中找商品",
    "Checkout": "结账",
    "Order confirmation": "订单确认",
    "Delivery to the door": "送货上门",
    "Delivery by appointment": "预约配送",
    "Pick-up point": "自提点",
    "The product after a week": "使用一周后的商品",
    "Call to the service line": "致电客服热线",
    "Chat in the app": "应用内聊天",
    "Return and refund": "退货退款",
    "After a delivery": "配送之后",
    "After a call or a chat": "通话或聊天之后",
    "After an order": "下单之后",
    "How shopping feels": "购物感受",
    "After a return": "退货之后",
    "A week with it": "使用一周之后",
    "What two seasons gave, and what a call before each delivery adds: customers ask for nothing more often.": (
        "依据前两个季度的结果，加上送货前先打电话能带来的提升：这是客户最常提出的要求。"
    ),
    "Every second late parcel missed the van of its day. A later cut-off brings them in; the weather stays.": (
        "迟到的包裹有一半是没赶上当天的车。推迟截单时间就能赶上；天气则无法改变。"
    ),
    "Who was let down is reached within a day. Both sides agreed on it without a history.": (
        "让客户失望之后，一天之内必须联系上。双方在没有历史数据的情况下商定。"
    ),
}
