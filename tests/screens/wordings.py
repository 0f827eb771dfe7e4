"""What the screens say. ``HELD`` are the forty that figures are reported on; ``TUNED`` were used to build and tune.

Wordings are our own, as an app would say it, but for those marked ``listed``: they are (nearly) in rules/categories as signatures.
None comes from an evaluation file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["dialog", "toast", "page", "browser", "message"]


@dataclass(frozen=True)
class Told:
    """``bar``: the title bar; ``head`` and ``words``: the message; ``around``: other text of the page; ``listed``: see above."""

    category: str
    shape: Shape
    words: str
    head: str = ""
    bar: str = ""
    around: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ("我知道了",)
    platform: str = "unknown"
    listed: bool = False


_FORM = ("姓名", "证件类型  居民身份证", "证件号码", "请填写本人真实信息", "下一步")
_STEPS = ("1 填写信息", "2 身份验证", "3 提交申请", "请确保为本人操作", "开始验证")
_HOME = ("个人信用报告查询", "查询记录", "信用报告说明", "常见问题", "服务由征信中心提供")
_SAFE = ("谨防诈骗，请勿向他人透露验证码", "我已阅读并同意《服务协议》", "同意并继续")
_SITE = "ipcrs.pbccrc.org.cn"

HELD: tuple[Told, ...] = (
    Told("verification.face", "dialog", "环境光线过暗，请移至明亮处后重新进行人脸核身", "核身失败", "身份验证", _STEPS,
         ("取消", "重新验证")),
    Told("verification.face", "page", "脸部未完整露出，请保持正脸面对屏幕", "验证未通过", "人脸验证", ("错误码：1102",),
         ("再试一次", "退出"), listed=True),
    Told("verification.face", "page", "今天刷脸的机会已经用完，请明天再来", "刷脸未通过", "支付宝", _SAFE, ("返回",), "alipay"),
    Told("verification.face", "toast", "没有找到人脸，请把脸放进圆框里", "", "人脸识别", ("请缓慢眨眼", "拿起手机，平视镜头")),
    Told("verification.face", "dialog", "“微信”没有使用相机的权限，请到设置中打开后再做人脸识别", "无法打开相机", "微信", _HOME,
         ("取消", "去设置"), "wechat"),
    Told("verification.face", "dialog", "活体检测存在风险", "提示", "刷脸认证", _STEPS, listed=True),
    Told("verification.face", "page", "与公安机关留存照片的相似度偏低，不能确认为同一个人", "人脸比对失败", "身份核验",
         ("业务流水号 202611290018", "您可以更换其他验证方式"), ("换个方式",)),
    Told("verification.bank_card", "dialog", "手机号与银行预留的不一样，请核对后再提交", "银行卡验证失败", "绑定银行卡", _FORM,
         ("确定",)),
    Told("verification.bank_card", "toast", "暂不支持该银行的卡片，请换一张借记卡", "", "银行卡认证", _FORM),
    Told("verification.bank_card", "page", "卡号、姓名与发卡银行登记的信息对不上", "验卡失败", "云闪付", _SAFE, ("重新填写", "换一张卡"),
         "unionpay"),
    Told("verification.bank_card", "dialog", "此卡已挂失或被冻结，无法用于身份认证，请更换银行卡", "卡片状态异常", "银联认证", _STEPS,
         ("换卡", "取消")),
    Told("verification.sms_code", "browser", "动态码输入错误或已过期，请重新输入", "", _SITE, ("登录名", "动态码", "获取动态码", "提交"),
         ("确定",), "pboc_web", listed=True),
    Told("verification.sms_code", "toast", "获取短信验证码太频繁，请 60 秒后重试", "", "手机验证", ("手机号", "验证码", "获取验证码")),
    Told("verification.sms_code", "dialog", "短信没有发出去，请稍后重新获取验证码", "发送失败", "安全验证", _FORM, ("好",)),
    Told("verification.sms_code", "dialog", "您输入的短信验证码已经失效，请重新获取", "提示", "手机银行", ("输入验证码", "重新发送（28s）"),
         ("确定",), "bank_app"),
    Told("verification.certificate", "browser", "没有读取到数字证书，请插好 U 盾后刷新页面", "", _SITE,
         ("数字证书验证", "请选择证书", "返回上一步"), ("确定",), "pboc_web"),
    Told("verification.certificate", "browser", "检测到您的电脑尚未安装安全控件，请下载安装后重启浏览器", "", _SITE,
         ("登录名", "密码", "登录", "新用户注册"), ("下载控件",), "pboc_web"),
    Told("verification.identity", "browser", "目前系统尚未收录您的个人信息，无法进行注册", "", _SITE, ("用户注册", "填写身份信息", "证件号码"),
         ("返回首页",), "pboc_web", listed=True),
    Told("verification.identity", "browser", "姓名、证件类型、证件号码三项标识不匹配，请重新输入", "", _SITE, ("用户注册", "下一步"),
         ("确定",), "pboc_web", listed=True),
    Told("verification.identity", "page", "您的回答与信用记录不符，本次问题验证没有通过", "验证结果", "身份验证", _SAFE, ("换个验证方式",)),
    Told("verification.identity", "dialog", "姓名与身份证号码核对不一致，请检查后再填", "核验失败", "实名认证", _FORM, ("重新填写",)),
    Told("verification.identity", "dialog", "身份证已过期，请使用有效身份证进行核验", "提示", "身份核验", ("错误码 302", *_STEPS),
         listed=True),
    Told("account.login", "browser", "登录名或密码错误", "", _SITE, ("登录名", "密码", "忘记登录名？", "忘记密码？", "登录"), ("确定",),
         "pboc_web", listed=True),
    Told("account.login", "dialog", "密码多次输错，账户已被锁定，请 10 分钟之后再登录", "登录失败", "用户登录", ("登录名", "密码", "登录"),
         ("知道了",)),
    Told("account.login", "toast", "这个手机号已经被注册过了，请直接登录", "", "注册账号", ("手机号", "设置登录名", "设置密码", "注册")),
    Told("account.login", "browser", "您无法使用该功能找回登录名，可能是因为您的安全等级为低、未注册或已销户，请重新注册", "", _SITE,
         ("找回登录名", "姓名", "证件号码"), ("返回",), "pboc_web", listed=True),
    Told("report.missing", "page", "申请已经提交，报告正在生成，预计 24 小时内出结果", "报告生成中", "查询结果",
         ("申请时间 2026-11-28 21:07", "生成后将短信通知您"), ("刷新",)),
    Told("report.missing", "browser", "个人信用报告查询申请正在受理，请耐心等待", "", _SITE, ("信息服务", "获取查询结果", "退出登录"),
         ("确定",), "pboc_web", listed=True),
    Told("report.missing", "browser", "身份验证码不正确", "", _SITE, ("获取查询结果", "请输入身份验证码", "提交"), ("确定",), "pboc_web",
         listed=True),
    Told("report.download", "page", "信用报告只保留 7 天，这份报告已经删除，请重新申请", "报告已失效", "我的报告", _HOME, ("重新申请",)),
    Told("report.download", "toast", "PDF 文件下载失败，暂时无法打开报告", "", "信用报告", ("下载报告", "发送到邮箱", "分享")),
    Told("billing.quota", "dialog", "您今年的免费查询次数已经用完，继续查询将按次收费", "次数不足", "信用报告", _HOME, ("取消", "继续")),
    Told("billing.quota", "toast", "今日查询次数已达上限", "", "征信查询", _HOME),
    Told("billing.payment", "page", "查询费用支付没有成功，如已扣款将在 3 个工作日内退回", "支付失败", "微信支付", ("商户单号", "支付方式  零钱"),
         ("重新支付", "返回商家"), "wechat"),
    Told("platform.technical", "page", "系统升级维护，0:00 至 6:00 暂停服务，给您带来不便敬请谅解", "系统维护中", "信用查询", ("首页", "我的"),
         ("返回首页",)),
    Told("platform.technical", "browser", "502 Bad Gateway", "", _SITE, ("nginx",), (), "pboc_web"),
    Told("platform.technical", "browser", "由于您长时间未进行任何操作，系统已退出，请重新登录", "", _SITE, ("欢迎使用",), ("确定",), "pboc_web",
         listed=True),
    Told("platform.technical", "toast", "网络开小差了，页面加载失败，请检查网络", "", "个人信用报告", ("点击重试", "首页", "我的")),
    Told("security.scam", "message", "【征信中心】您名下校园贷账户未注销，将影响个人征信，请添加客服处理，把资金转入指定账户清零", "",
         "106900001234", ("今天 09:12", "短信/彩信"), ()),
    Told("access.overseas", "dialog", "检测到您当前的网络位于境外，暂不提供信用报告查询服务", "访问受限", "信用报告", _HOME, ("关闭",)),
)

TUNED: tuple[Told, ...] = (
    Told("verification.face", "dialog", "光线太强，请避开强光后再试", "人脸识别失败", "身份认证", _STEPS, ("取消", "再试一次")),
    Told("verification.face", "page", "离屏幕太近或太远，请确保人脸清晰完整", "识别失败", "人脸核验", ("错误码：1203",), ("重试",), listed=True),
    Told("verification.face", "dialog", "刷脸失败次数过多，请 24 小时后再试", "", "刷脸验证", _SAFE, ("确定",), listed=True),
    Told("verification.face", "toast", "请不要遮挡面部，摘下口罩和帽子", "", "扫脸认证", ("请正对手机",)),
    Told("verification.face", "page", "动作超时，没有检测到张嘴动作", "活体检测失败", "支付宝", _STEPS, ("重新开始",), "alipay"),
    Told("verification.face", "dialog", "摄像头启动失败，请允许访问相机", "相机权限未授权", "微信", _HOME, ("去开启", "取消"), "wechat"),
    Told("verification.face", "page", "非本人操作，请由本人完成人脸采集", "认证不通过", "实人认证", _SAFE, ("退出",)),
    Told("verification.bank_card", "dialog", "预留手机号有误，请使用办卡时登记的号码", "绑卡失败", "添加银行卡", _FORM, ("好的",)),
    Told("verification.bank_card", "toast", "四要素校验不一致", "", "银行卡验证", _FORM),
    Told("verification.bank_card", "page", "信用卡不能用于本次验证，请使用储蓄卡", "不支持的卡种", "云闪付", _STEPS, ("更换",), "unionpay"),
    Told("verification.bank_card", "dialog", "您的银行卡未开通银联在线支付，验证不成功", "提示", "银联认证", _FORM, ("确定",)),
    Told("verification.sms_code", "browser", "动态码发送失败，请稍后重试", "", _SITE, ("动态码", "提交"), ("确定",), "pboc_web", listed=True),
    Told("verification.sms_code", "toast", "验证码错误，还可以输入 2 次", "", "输入验证码", ("已发送至 138****0000", "收不到验证码？")),
    Told("verification.sms_code", "dialog", "今日短信验证码发送次数已超限", "提示", "手机验证", _FORM, ("知道了",)),
    Told("verification.certificate", "browser", "证书不在有效期内，请到银行更新 USBKey 证书", "", _SITE, ("数字证书验证",), ("确定",),
         "pboc_web"),
    Told("verification.certificate", "browser", "密码控件加载失败，请使用 IE 浏览器并安装控件", "", _SITE, ("登录名", "密码"), ("确定",),
         "pboc_web"),
    Told("verification.identity", "browser", "目前系统尚未收录足够的信息对您的身份进行“问题验证”", "", _SITE, ("选择验证方式",), ("确定",),
         "pboc_web", listed=True),
    Told("verification.identity", "page", "没有查到您的身份信息，请确认姓名和证件号码", "核验失败", "实名核验", _FORM, ("修改",)),
    Told("verification.identity", "dialog", "证件已失效，请更新身份证有效期", "认证失败", "实名信息", _FORM, ("去更新",)),
    Told("verification.identity", "page", "您未通过身份验证，请 3 日后重新回答问题", "问题验证", "身份验证", _STEPS, ("返回",)),
    Told("account.login", "browser", "登录名不存在", "", _SITE, ("登录名", "密码", "登录"), ("确定",), "pboc_web", listed=True),
    Told("account.login", "toast", "账号或密码不正确，请重新输入", "", "登录", ("忘记密码", "注册账号")),
    Told("account.login", "dialog", "该证件号码已经注册过用户，请找回登录名", "注册失败", "用户注册", _FORM, ("找回", "取消")),
    Told("account.login", "dialog", "重置密码的申请还在审核，请 24 小时后再来", "", "找回密码", ("登录名", "证件号码"), ("好",)),
    Told("report.missing", "page", "处理中，请您于次日登录后查看", "已受理", "查询记录", ("申请编号 20261128",), ("返回",)),
    Told("report.missing", "page", "未查询到已生成的信用报告", "暂无报告", "我的报告", ("若超过 24 小时请联系客服",), ("刷新",)),
    Told("report.missing", "browser", "查询码输入错误，请重新输入", "", _SITE, ("查看报告",), ("确定",), "pboc_web", listed=True),
    Told("report.download", "dialog", "报告链接已过期，无法查看，请重新查询", "提示", "信用报告", _HOME, ("确定",)),
    Told("report.download", "page", "请输入打开密码，此 PDF 文件受保护", "文件已加密", "文件预览", ("credit_report.pdf",), ("打开", "取消")),
    Told("billing.quota", "dialog", "每人每年可免费查询 2 次，您的次数已用尽", "温馨提示", "信用报告", _HOME, ("关闭",)),
    Told("billing.quota", "page", "今天受理人数已满，请明天再来查询", "名额已满", "征信查询", _HOME, ("返回",)),
    Told("billing.payment", "dialog", "余额不足，信用报告服务费扣款失败", "付款失败", "支付宝", ("订单金额 10.00",), ("更换付款方式",), "alipay"),
    Told("platform.technical", "page", "系统繁忙，请稍后再试", "出错了", "信用报告", ("首页", "我的"), ("重新加载",)),
    Told("platform.technical", "browser", "当前页面已过期，请重新登录", "", _SITE, ("首页",), ("确定",), "pboc_web", listed=True),
    Told("platform.technical", "browser", "HTTP 500 - 内部服务器错误", "", _SITE, (), (), "pboc_web"),
    Told("platform.technical", "toast", "服务器连接超时", "", "征信服务", ("首页", "我的")),
    Told("security.scam", "message", "我是专业征信修复，逾期记录三天清除，先付定金 2000 元，把身份证和验证码发我", "", "信用顾问小李",
         ("昨天 20:31",), ()),
    Told("security.scam", "message", "您好，请下载会议软件共享屏幕，我教您注销账户，否则影响征信", "", "征信客服01", ("上午 10:05",), ()),
    Told("access.overseas", "dialog", "本服务仅支持中国大陆手机号和网络，海外用户暂不可用", "提示", "征信查询", _HOME, ("确定",)),
    Told("report.dispute", "page", "您提交的异议申请审核未通过，请补充材料", "审核未通过", "异议申请", ("异议编号 26-1102", "查看原因"),
         ("重新提交",)),
)
