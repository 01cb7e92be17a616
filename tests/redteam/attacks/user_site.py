# threat: Forge the result
# attack: leaves a `usercustomize` that every Python started later in the run would load first
# happens: no interpreter looks there

import os
import sys

if len(sys.argv) == 1:
    place = f"{os.environ['HOME']}/.local/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    os.makedirs(place)
    with open(f"{place}/usercustomize.py", "w") as file:
        file.write("print('breach: usercustomize ran')\n")
    with open(f"{place}/early.pth", "w") as file:
        file.write("import sys; print('breach: a .pth file ran')\n")
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, sys.argv[0], "again"])
print("held")
