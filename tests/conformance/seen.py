"""What Azure's published client packages see of what somebody did on a page.

AZIMUTH_SEEN says what that was, as JSON; the rest is as for walk.py.
"""

import json
import os
import sys
import unittest

import walk

WANTED = json.loads(os.environ["AZIMUTH_SEEN"])


class Seen(walk.DataPlane):
    def test_the_group(self):
        group = walk.RESOURCES.resource_groups.get(WANTED["group"])
        self.assertEqual(group.properties.provisioning_state, "Succeeded")

    def test_the_workspace(self):
        workspace = walk.LEARNING.workspaces.get(walk.GROUP, walk.WORKSPACE)
        self.assertEqual(workspace.friendly_name, WANTED["friendlyName"])

    def test_the_compute(self):
        wanted = WANTED["compute"]
        compute = walk.COMPUTES.get(walk.GROUP, walk.WORKSPACE, wanted["name"])
        self.assertIsInstance(compute.properties, walk.learning.AmlCompute)
        self.assertEqual(compute.properties.provisioning_state, "Succeeded")
        scale = compute.properties.properties.scale_settings
        self.assertEqual((scale.min_node_count, scale.max_node_count), (wanted["least"], wanted["most"]))

    def test_what_was_deleted(self):
        ask = lambda: walk.COMPUTES.get(walk.GROUP, walk.WORKSPACE, WANTED["deleted"])
        self.assert_refused(walk.ResourceNotFoundError, 404, "ResourceNotFound", ask)

    def test_the_run(self):
        url = f"{self.services['history']}/history/v1.0{self.scope}/experiments/{walk.WORLD['experiment']}/runs/{WANTED['run']['id']}"
        run = self.get(url).json()
        self.assertEqual(run["status"], WANTED["run"]["status"])
        self.assertEqual(run["description"], WANTED["run"]["description"])

    def test_the_model(self):
        url = f"{self.services['api']}/modelmanagement/v1.0{self.scope}/models/{WANTED['model']['id']}"
        self.assertEqual(self.get(url).json()["description"], WANTED["model"]["description"])


def load_tests(loader, _, __):
    """What the walk tests is not tested again."""
    own = [name for name in loader.getTestCaseNames(Seen) if name not in dir(walk.DataPlane)]
    return unittest.TestSuite(map(Seen, own))


if __name__ == "__main__":
    sys.stderr = sys.stdout
    walk.faulthandler.dump_traceback_later(walk.LONGEST_SECONDS, exit=True)
    walk.warnings.simplefilter("ignore")
    walk.logging.disable(walk.logging.WARNING)
    runner = unittest.TextTestRunner(verbosity=2, warnings="ignore", resultclass=walk.Told)
    unittest.main(testRunner=runner)
