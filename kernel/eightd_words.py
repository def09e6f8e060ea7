# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Words by which rules of the 8D lint judge a text, Chinese and English.

English entries are beginnings of words (``train`` finds *training*), one that ends in
``$`` is a whole word. All lists are plain words, so that finding them takes time
in proportion to the text.
"""

# blames a person, whoever it is
BLAME = """
责任心 疏忽 粗心 大意 马虎 不细心 不认真 未认真 没有认真 意识淡薄 意识不强 意识不足
意识差 意识薄弱 培训不到位 培训不足 培训不够 未经培训 未培训 没有培训 缺乏培训 不熟练
误操作 操作失误 操作不当 人为 人员失误 工作失误 工作态度 注意力不 经验不足 违规操作
违反操作 操作不规范 打瞌睡 疲劳
operator error|operator's error|operator mistake|human error|human mistake
human failure|human factor|personnel error|worker error|careless|negligen|inattenti
lack of attention|lack of awareness|lack of quality awareness|poor quality awareness
lack of training|lack of experience|lack of care|lack of discipline|not trained
untrained|insufficient training|insufficiently trained|poor training|distracted
not careful|inexperienced|was tired|fatigue|sleepy
"""
# somebody ...
ACTOR = """
操作员 操作工 操作者 作业员 作业者 作业人员 员工 工人 人员 检验员 质检员 巡检员 班组长
班长 仓管员 司机 当事人 新人
operator|worker|employee|inspector|packer|staff|personnel|technician|picker|driver
shift leader|supervisor|colleague|setter|assembler|welder
"""
# ... who did something wrong
LAPSE = """
未按 没有按 没按 不按 未遵守 不遵守 未执行 没有执行 失误 漏检 漏打 漏装 漏放 忘记 忘了
看错 拿错 放错 装错 输错 贴错 写错 不了解 不清楚 未检查 没有检查 没检查 未发现
did not|didn't|failed to|forgot|overlook|missed|ignored|mixed up|by mistake|mistakenly
wrongly|incorrectly|skipped|misread|neglected
"""
# the process, a machine, a rule or a design let it happen
PROCESS = """
未规定 没有规定 未明确 没有明确 未定义 没有定义 未要求 没有要求 不要求 只要求 未包含
没有包含 不包含 未列 没有列 没有列入 未纳入 未设置 没有设置 未设定 没有设定 未安装
没有安装 没有防错 无防错 缺少防错 缺乏防错 无互锁 没有互锁 没有报警 无报警 没有步骤
没有验证 未验证 无法识别 无法检出 无法发现 无法区分 不能识别 不能被识别 不能检出
而无法被 不需要 可以把 仍然启动 磨损 堵塞 断路 断裂 偏移 漂移 崩损 漏气 泄漏 失效 失灵
间隙过大 公差 熔接线 流程缺 标准缺 没有标准 无标准 设计缺陷 设计未 外形对称 外观相似
未清线 没有清线 流程不 照度不足 光线不足 不是人为 非人为 排除人为 并非人为 不是操作
排除操作
does not define|not defined|does not specify|not specified|does not require
is not required|not part of|no locating|no poka|no error-proof|no interlock|no alarm
no sensor|no line clearance|has no$|have no$|missing in the|not included
not described|does not contain|does not describe|does not ask|not listed|not verified
worn$|wear$|blocked|clogged|drift|broke|chips$|offset|tolerance|was excluded
ruled out|no operator error|allows|can be inserted|can insert|without scanning
cannot be found|cannot be detected|cannot detect|not readable|sets no|not measured
is unclear|not maintained|no limit|lie side by side
"""

# the only thing that an action does: talk to people
TALK = """
培训 教育 宣导 提醒 批评 处罚 罚款 处分 警告 学习 开会 会议 早会 监督 质量意识 责任心
认真 督促 巡查 叮嘱 告知 通报 考试 加强检查 加强自检 加强巡检
train|retrain|re-train|remind|instruct|warn|brief|talk$|toolbox|awareness|meeting
inform|disciplin|more careful|coach|educat|penalt|admonish|supervis|counsel
more closely|lesson|communicat
"""
# something changes that works without anybody's attention
CHANGE = """
修改 修订 更换 更新 增加 加装 加高 加大 改为 改成 改造 改用 安装 设置 设定 设为 调整为
由 取消 防错 夹具 工装 传感器 视觉 报警 锁定 列入 纳入 自动 扫码 版本 拒绝 互锁 限位
协议 缩短 延长 重新设计 治具 加入 制定 编制
add$|adds|added|install|revis|replac|chang|modif|redesign|introduc|automat|camera
sensor|interlock|poka|locating pin|alarm|lock$|locks$|tolerance|reduc|raise$|raised
remov|eliminat|rev.|scan|set$|sets$|refuse|limit|rotary|descal|deburr|calibrat
agreement|checklist|filter|stops$|part of
"""
# changes that are talk again
TALK_CHANGE = """
增加培训 增加巡查 增加宣导 增加教育 制定培训 加入培训 列入培训 更新培训 修订培训
增加提醒 增加检查次数 由班长 由主管 由组长 由车间
add training|added training|introduce training|introduce a training|introduce regular
add a training|additional training|revised training|raise awareness|raise quality
raise the awareness|raise the quality
"""
# wishes
VAGUE = """
加强 注意 优化 完善 提高 提升 改善 改进 严格 杜绝 避免 确保 做好 重视 关注 强化 落实
把关 规范操作 持续
strengthen|improv|enhanc|optimi|pay attention|pay more|attention to|ensure|make sure
avoid|prevent recurrence|better$|monitor|focus|strict|intensif|more carefully
be careful|take care|raise awareness|upgrade the management
"""

# says in D2 why it happened
CAUSAL = """
由于 因为 原因 导致 造成 引起 所致 致使 源于
because|due to|caused by|root cause|the reason|as a result of|led to|leads to|owing to
resulting from|results from|attributed to|on account of
"""
# says what it did to the customer, not why
EFFECT = """
导致停线 造成停线 导致客户 造成客户 导致停产 造成停产 导致停机 造成停机 导致无法
造成无法 导致返工 造成返工 原因待查 原因待定 原因调查中 原因分析中
led to a line|leads to a line|led to line|leads to line|led to a stop|led to a stand
led to rework|leads to rework|cause is not known|cause not yet
"""

# how somebody looked at it
METHOD = """
切片 重现 再现 复现 测量 实测 试验 实验 验证报告 照片 曲线 记录显示 三坐标 金相 拆解
对比 检测报告 模拟
cross section|trial|reproduc|measure|photo|x-ray|recorder|record shows|microscop
simulat|report no|test report|cpk|cmm|cut open|dissect|experiment
"""

# nobody can do anything about it
BEYOND = """
不明 未查明 没查明 待查 有待 无法确定 不确定 偶然 偶发 个案 无法避免 不可避免 难以避免
不可抗力 天气 自然老化 正常磨损 正常老化 正常损耗 客户使用不当 客户操作 客户原因
时间紧 任务紧 赶货 赶工 人手不足 人员流动 成本压力 运气 市场
unknown|not known|unclear why|cannot be avoided|unavoidable|inevitable|isolated case
single case|one-off|weather|humid|normal wear|time pressure|lack of time|no time
workload|lack of staff|staff turnover|force majeure|act of god|not determined
not be determined|undetermined|coincidence|bad luck|to be investigated|misuse
wrong use|customer handl|cost pressure|market
"""

# fills a field without saying anything
EMPTY = """
无 没有 暂无 不适用 不需要 不用 无需 同上 见上 略 待定 已确认 已完成 是 否
none|n/a|na|nil|no|not applicable|not necessary|not needed|tbd|same as above|ok|yes
done|see above|-|.|x
"""

NUMBER_WORDS = """
two$|three$|four$|five$|six$|seven$|eight$|nine$|ten$|eleven$|twelve$|dozen|hundred
thousand|percent|per cent|half$|one of$|a single|one part$|one piece$
"""

# says nothing about what is compared
STOP_CHINESE = """
产品 零件 部件 客户 存在 出现 发生 现象 问题 不良 因为 由于 导致 造成 有 被 了 的 时
在 并 再 后 与 和 及 是 为 处 内 上 都 均 所有 全部
"""
STOP_ENGLISH = """
a an the of in on at by to for from with and or is are was were be been has have had
it its this that there did does do not no part parts product products piece pieces
during after before over two all because
"""
