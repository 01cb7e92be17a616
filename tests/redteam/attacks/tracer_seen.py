# threat: Forge the result
# attack: asks `/proc` whether it is traced, and would behave differently
# happens: the tracer is not visible inside; timing and refused calls still tell, but points are for what it does while watched
# tiers: namespaces
# stopped: no

lines = open("/proc/self/status").read().splitlines()
print("held" if "TracerPid:\t0" in lines else "breach: traced")
