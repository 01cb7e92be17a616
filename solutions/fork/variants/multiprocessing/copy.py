"""copy N with multiprocessing: fork, wait and the child's exit are the library's."""

import multiprocessing
import sys

number = 0


def double():
    global number
    number *= 2
    print("child:", number, flush=True)


def main():
    global number
    try:
        [text] = sys.argv[1:]
        number = int(text)
    except ValueError:
        sys.stderr.write("copy takes one integer\n")
        return 2
    try:
        child = multiprocessing.get_context("fork").Process(target=double)
        child.start()
    except OSError as error:
        sys.stderr.write(f"copy: fork: {error.strerror}\n")
        return 1
    child.join()
    print("parent:", number)
    return child.exitcode


sys.exit(main())
