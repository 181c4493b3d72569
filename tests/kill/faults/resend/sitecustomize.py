"""A planted fault: the mark of a begun hand-over is ignored, so that a mail is handed over again after a crash."""

import importlib.abc
import importlib.util
import sys


class _Plant(importlib.abc.MetaPathFinder):
    """Changes app.delivery.service as it is imported, in every process of the service."""

    def find_spec(self, name, path, target=None):
        if name != "app.delivery.service":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def execute_and_change(module):
            execute(module)
            claim = module._claim

            def forgetful(message_id, before):
                with module.atomic():
                    message = module.find_row(module.Message, message_id, lock=True)
                    if message is not None and message.state == "handing_over":
                        message.state, message.handed_over_at = "queued", None
                return claim(message_id, before)

            module._claim = forgetful

        spec.loader.exec_module = execute_and_change
        return spec


sys.meta_path.insert(0, _Plant())
